import { html } from "../html.ts";
import type { PageSettings } from "../options.ts";
import { qrPath } from "../qr-path.ts";
import type { Language } from "../texts/languages.ts";
import { formatCount, formatDuration } from "../texts/number-formats.ts";
import type { PageText } from "../texts/page-text.ts";
import { renderBrand, renderDocument } from "./document.ts";
import { SCRIPT } from "./script.ts";

/** The offer of a 402 response. */
export interface OfferView {
  sats: number;
  /** The price in another currency. */
  fiat: string | undefined;
  /** The description of the goods, or at least their path. */
  description: string;
  uses: number | "unlimited";
  validForSeconds: number;
  invoice: string;
  secondsLeft: number;
  claim: string;
  notice: "usedUp" | "passExpired" | "priceChanged" | undefined;
  /** Whether the provider could not tell just now if the invoice was paid. */
  cannotCheck: boolean;
}

const QUIET_ZONE = 4;

export function renderOfferPage(settings: PageSettings, language: Language, nonce: string, offer: OfferView): string {
  const text = settings.texts[language];
  const { size, path } = qrPath(`LIGHTNING:${offer.invoice.toUpperCase()}`);
  const side = size + 2 * QUIET_ZONE;
  const amount = formatCount(language, offer.sats);
  const unit = offer.sats === 1 ? text.sat : text.sats;
  const uses = offer.uses === "unlimited" ? text.unlimited : formatCount(language, offer.uses);
  const state = offer.cannotCheck ? "cannotCheck" : "waiting";
  const link = `lightning:${offer.invoice}`;

  const main = html`<main class="offer" data-state="${state}" data-claim="${offer.claim}" data-invoice="${offer.invoice}" data-left="${offer.secondsLeft * 1000}" data-texts="${scriptTexts(text)}">
<div class="what">
${renderBrand(settings)}
${offer.notice && html`<p class="alert">${text[offer.notice]}</p>`}
<h1>${text.title}</h1>
<p class="description" dir="auto"><bdi>${offer.description}</bdi></p>
<p class="price"><strong>${amount}</strong> ${unit} ${offer.fiat !== undefined && html`<span class="fiat">≈ ${offer.fiat}</span>`}</p>
<dl><div><dt>${text.visits}</dt><dd>${uses}</dd></div><div><dt>${text.validFor}</dt><dd>${formatDuration(language, offer.validForSeconds)}</dd></div></dl>
</div>
<section class="pay" aria-labelledby="scan">
${!isForBitcoin(offer.invoice) && html`<p class="alert payable">${text.testNetwork}</p>`}
<h2 id="scan" class="scan payable">${text.scan}</h2>
<svg class="qr" role="img" aria-label="${text.qrCode}" viewBox="${-QUIET_ZONE} ${-QUIET_ZONE} ${side} ${side}" shape-rendering="crispEdges"><path fill="none" d="${path}"/></svg>
<p class="time payable"><span>${text.timeLeft}</span> <b id="left">${formatDuration(language, roundTime(offer.secondsLeft))}</b></p>
<button class="button primary js-only payable" id="browser-wallet" type="button" hidden>${text.payInBrowser}</button>
<a class="button primary payable" id="open-wallet" href="${link}">${text.openWallet}</a>
<button class="button js-only payable" id="copy" type="button">${text.copy}</button>
<a class="button primary if-expired" href="">${text.newInvoice}</a>
<a class="button primary if-no-cookies" href="">${text.tryAgain}</a>
<p id="status" role="status">${offer.cannotCheck ? text.cannotCheck : text.notPaidYet}</p>
<div class="more"><details id="text" class="payable"><summary>${text.invoiceAsText}</summary><code id="invoice" dir="ltr">${offer.invoice}</code></details>
<a class="link" id="reload" href="">${text.iHavePaid}</a></div>
</section>
<section class="help" aria-labelledby="help"><h2 id="help">${text.helpTitle}</h2><ol><li>${text.help1}</li><li>${text.help2}</li><li>${text.help3}</li></ol></section>
</main>`;
  const title = `${text.title} · ${amount} ${unit}`;
  return renderDocument(settings, { language, nonce, title, main, script: SCRIPT });
}

/** True for mainnet. A visitor's wallet cannot pay an invoice of any other network. */
const isForBitcoin = (invoice: string) => /^lnbc(?!rt)/i.test(invoice);

/** The remaining time without a script that counts down. It is rounded, because no buyer needs the exact seconds. */
const roundTime = (seconds: number) => (seconds < 90 ? seconds : Math.round(seconds / 60) * 60);

function scriptTexts(text: PageText): string {
  const { waiting, paid, expired, cannotCheck, noCookies, notKept, walletFailed, copy, copied } = text;
  return JSON.stringify({ waiting, paid, expired, cannotCheck, noCookies, notKept, walletFailed, copy, copied });
}
