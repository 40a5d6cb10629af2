import { type Challenge, type Decision, type Denied, L402Error, type PaywallRequest, type Reply } from "@l402/core";
import { browserIdCookie, browserIdsOf } from "./browser-id.ts";
import { readClaim, writeClaim } from "./claim.ts";
import { bringsCredential } from "./cookie-access.ts";
import { pagePath } from "./cookies.ts";
import { fiatPrice } from "./fiat-price.ts";
import { randomHex } from "./hex.ts";
import { contentSecurityPolicy } from "./page/document.ts";
import { type Notice, renderNoticePage, renderPassPage } from "./page/notice-page.ts";
import { type OfferView, renderOfferPage } from "./page/offer-page.ts";
import type { PageParts } from "./page-parts.ts";
import { claimCookie } from "./payment-cookies.ts";
import { preferredLanguage } from "./preferences.ts";
import { headerOf } from "./request-header.ts";
import { LANGUAGES, type Language } from "./texts/languages.ts";

type Headers = Reply["headers"];

/** The fields of a problem document with an offer that the page shows. */
interface ProblemOffer {
  price: { sats: number };
  paymentHash: string;
  description?: string;
  uses: number | "unlimited";
  validForSeconds: number;
  invoice: string;
  token: string;
  expiresAt: string;
}

interface Extras {
  cookies?: Headers | undefined;
  cannotCheck?: boolean | undefined;
}

/**
 * Turns the replies for programs into pages for people. The status and most headers stay the same.
 */
export function createDresser(parts: PageParts) {
  const { engine, settings, seals } = parts;
  const { clock } = engine;

  function inHtml(
    request: PaywallRequest,
    denied: Denied,
    render: (language: Language, nonce: string) => string,
    more: Headers = [],
  ): Denied {
    if (!denied.reply.body) return denied;
    const language = preferredLanguage(headerOf(request, "accept-language"), LANGUAGES);
    const nonce = randomHex();
    const { challenge } = denied;
    const replaced = challenge ? ["Content-Type", "WWW-Authenticate"] : ["Content-Type"];
    const headers: Headers = [
      ...denied.reply.headers.filter(([name]) => !replaced.includes(name)),
      ...(challenge ? [["WWW-Authenticate", shortChallenge(challenge)] as const] : []),
      ["Content-Type", "text/html; charset=utf-8"],
      ["Content-Language", language],
      ["Content-Security-Policy", contentSecurityPolicy(nonce)],
      ["X-Content-Type-Options", "nosniff"],
      ["Referrer-Policy", "same-origin"],
      ...more,
    ];
    return { ...denied, reply: { ...denied.reply, headers, body: render(language, nonce) } };
  }

  async function offerPage(request: PaywallRequest, denied: Denied, cannotCheck = false): Promise<Denied> {
    const offer = JSON.parse(denied.reply.body) as ProblemOffer;
    const { price, invoice, token, paymentHash } = offer;
    const expiresAt = new Date(offer.expiresAt);
    const browserId = browserIdsOf(request)[0] ?? randomHex();
    const secondsLeft = Math.max(1, Math.floor((expiresAt.getTime() - clock().getTime()) / 1000));
    // The cookie lives as long as its token can be used: a buyer may pay at the last moment and come back later.
    const maxAgeSeconds = secondsLeft + offer.validForSeconds;
    const pathLength = pagePath(request, settings).length;
    const claim = writeClaim({ token, invoice, expiresAt, pathLength }, browserId, seals);
    const pending = claimCookie(parts, request, { claim, paymentHash, maxAgeSeconds });
    // SECURITY: do not show an invoice if no cookie could redeem its payment (long-invoice.test.ts, "is not shown").
    // Programs need no cookie.
    const isRedeemable = pending.length > 0 && readClaim(claim, [browserId], seals) !== undefined;
    if (!isRedeemable) return noticePage(request, denied, "programsOnly");
    const priceInFiat = await fiatPrice(settings.fiat, price.sats);
    const view: Omit<OfferView, "fiat"> = {
      sats: price.sats,
      description: offer.description ?? request.path.replace(/\?.*$/s, ""),
      uses: offer.uses,
      validForSeconds: offer.validForSeconds,
      invoice,
      secondsLeft,
      claim,
      notice: NOTICES[denied.error.code],
      cannotCheck,
    };
    return inHtml(
      request,
      denied,
      (language, nonce) => renderOfferPage(settings, language, nonce, { ...view, fiat: priceInFiat?.(language) }),
      [...pending, ...browserIdCookie(browserId, maxAgeSeconds)],
    );
  }

  function noticePage(request: PaywallRequest, denied: Denied, notice: Notice): Denied {
    return inHtml(request, denied, (language, nonce) => renderNoticePage(settings, language, nonce, notice));
  }

  async function dress(
    request: PaywallRequest,
    decision: Decision,
    isPerson: boolean,
    { cookies = [], cannotCheck }: Extras = {},
  ): Promise<Decision> {
    if (decision.outcome === "granted") {
      const { headers } = decision;
      // SECURITY: no cache may keep an answer that contains a credential (offer.test.ts, "no cache"). Express and
      // Fastify set this header before the handler, and a handler may replace it. In that case, `Vary: Cookie` limits
      // the cached answer to this browser.
      const kept = cookies.length
        ? headers.map(([name, value]) => [name, name === "Cache-Control" ? "no-store" : value] as const)
        : headers;
      return { ...decision, headers: [...varied(kept), ...cookies] };
    }
    if (decision.outcome !== "denied") return decision;
    const denied: Denied = { ...decision, reply: { ...decision.reply, headers: varied(decision.reply.headers) } };
    // Programs bring credentials, whatever they accept, and need to know why one is refused: it may be good elsewhere.
    const isForProgram = denied.reply.status === 402 && bringsCredential(request);
    if (!isPerson || isForProgram) return denied;
    if (!denied.challenge) return noticePage(request, denied, noticeOf(denied));
    // A cookie is valid only for GET, so for any other method a browser could pay but never be served.
    return request.method === "GET"
      ? offerPage(request, denied, cannotCheck)
      : noticePage(request, denied, "programsOnly");
  }

  /**
   * Shows a page about the pass instead of the content: a link on another site led here, and such a visit takes no use.
   */
  function passPage(request: PaywallRequest, visitsLeft: number, cookies: Headers = []): Denied {
    const denied = engine.deny(request, new L402Error("CREDENTIAL_MISSING"));
    const reply = { ...denied.reply, headers: varied(denied.reply.headers) };
    return inHtml(
      request,
      { ...denied, reply },
      (language, nonce) => renderPassPage(settings, language, nonce, visitsLeft),
      cookies,
    );
  }

  return { dress, passPage };
}

const NOTICES: Partial<Record<string, NonNullable<OfferView["notice"]>>> = {
  CREDENTIAL_USED_UP: "usedUp",
  CREDENTIAL_EXPIRED: "passExpired",
  CREDENTIAL_UNDERPAID: "priceChanged",
};

function noticeOf({ reply, error }: Denied): Notice {
  if (error.code === "CREDENTIAL_NOT_SETTLED") return "settling";
  switch (reply.status) {
    case 401:
      return "refused";
    case 429:
      return "tooMany";
    case 503:
      return "unavailable";
    default:
      return "broken";
  }
}

/**
 * The challenge in one line, without the old scheme and the second copy of the token. No browser reads it, and the
 * invoice and token are also in a cookie: with all of them, the headers would not fit into nginx's 4 KiB
 * (proxy-buffer.test.ts).
 */
const shortChallenge = ({ token, invoice }: Challenge) => `L402 macaroon="${token}", invoice="${invoice}", version="0"`;

/** If there is a page, the response also depends on the cookie. */
const varied = (headers: Headers): Headers =>
  headers.map(([name, value]) => [name, name === "Vary" ? `${value}, Accept-Language, Cookie` : value]);
