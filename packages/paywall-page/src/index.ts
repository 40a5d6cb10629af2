export type { PaywallPageOptions, PaywallPageTheme, ThemeValue } from "./options.ts";
export { paywallPage } from "./paywall-page.ts";
export type { Language } from "./texts/languages.ts";
export type { PageText } from "./texts/page-text.ts";
