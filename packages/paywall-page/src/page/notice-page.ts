import { html } from "../html.ts";
import type { PageSettings } from "../options.ts";
import type { Language } from "../texts/languages.ts";
import { formatCount } from "../texts/number-formats.ts";
import type { PageText } from "../texts/page-text.ts";
import { renderBrand, renderDocument } from "./document.ts";

export type Notice = "unavailable" | "tooMany" | "refused" | "settling" | "broken" | "programsOnly";

/** Renders a short page that says why there is no content. */
export function renderNoticePage(settings: PageSettings, language: Language, nonce: string, notice: Notice): string {
  const text = settings.texts[language];
  const title = text[`${notice}Title` satisfies keyof PageText];
  const main = html`<main class="notice">
${renderBrand(settings)}
<h1>${title}</h1>
<p>${text[notice]}</p>
${notice !== "programsOnly" && html`<a class="button primary" href="">${text.tryAgain}</a>`}
</main>`;
  return renderDocument(settings, { language, nonce, title, main });
}

/** Renders a page for the holder of a pass: the remaining visits, and a link to the content. */
export function renderPassPage(settings: PageSettings, language: Language, nonce: string, visitsLeft: number): string {
  const text = settings.texts[language];
  const main = html`<main class="notice">
${renderBrand(settings)}
<h1>${text.welcomeBack}</h1>
<dl><div><dt>${text.visitsLeft}</dt><dd>${formatCount(language, visitsLeft)}</dd></div></dl>
<a class="button primary" href="">${text.openPage}</a>
</main>`;
  return renderDocument(settings, { language, nonce, title: text.welcomeBack, main });
}
