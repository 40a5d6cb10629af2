import { type Html, html, trusted } from "../html.ts";
import type { PageSettings } from "../options.ts";
import { directionOf, type Language } from "../texts/languages.ts";
import { STYLE } from "./style.ts";

const BOLT = "M13 2 4 14h6l-1 8 9-12h-6z";
const ICON = `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path fill="#f59e0b" d="${BOLT}"/></svg>`)}`;

interface DocumentParts {
  language: Language;
  /** The nonce of this response: only elements that carry it may run. */
  nonce: string;
  title: string;
  main: Html;
  script?: string;
}

/** Renders one HTML document that loads no other resources. */
export function renderDocument(
  { theme }: PageSettings,
  { language, nonce, title, main, script }: DocumentParts,
): string {
  const head = html`<!doctype html>
<html lang="${language}" dir="${directionOf(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="${trusted(ICON)}">
<style nonce="${nonce}">${trusted(STYLE + theme)}</style>
</head>
<body>
${main}
${script !== undefined && html`<script nonce="${nonce}">${trusted(script)}</script>`}
</body>
</html>
`;
  return head.html;
}

/** Renders the seller's name, or "Lightning" if there is none. */
export const renderBrand = ({ seller }: PageSettings): Html =>
  html`<p class="brand"><svg viewBox="0 0 24 24" aria-hidden="true"><path fill="currentColor" d="${BOLT}"/></svg><bdi>${seller ?? "Lightning"}</bdi></p>`;

/**
 * The Content-Security-Policy of a page.
 *
 * SECURITY: it allows only content of the document that carries its nonce, and requests to the site itself. No other
 * site can put the page in a frame and have a click on it pay (thief.test.ts, "policy"; apps/e2e, "no violations").
 */
export const contentSecurityPolicy = (nonce: string): string =>
  `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src 'self'; img-src data:; ` +
  "form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
