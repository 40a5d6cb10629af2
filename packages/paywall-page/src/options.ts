import { checkOption, refuseUnknownOptions } from "@l402/core";
import { LANGUAGES, type Language, TEXTS } from "./texts/languages.ts";
import type { PageText } from "./texts/page-text.ts";

/** A CSS value, or one for each colour scheme. */
export type ThemeValue = string | { light: string; dark: string };

export interface PaywallPageTheme {
  /** The colour of the main button and links; `onAccent` is the text on it. Keep a contrast of 4.5 to 1. */
  accent?: ThemeValue | undefined;
  onAccent?: ThemeValue | undefined;
  background?: ThemeValue | undefined;
  surface?: ThemeValue | undefined;
  text?: ThemeValue | undefined;
  muted?: ThemeValue | undefined;
  line?: ThemeValue | undefined;
  radius?: ThemeValue | undefined;
  font?: ThemeValue | undefined;
}

export interface PaywallPageOptions {
  /** The name of the seller, shown above the title. */
  seller?: string | undefined;
  /** Also shows the price in another currency. */
  fiat?: { currency: string; pricePerBitcoin: () => number | Promise<number> } | undefined;
  /** Colours, corners and font. Each has a default. */
  theme?: PaywallPageTheme | undefined;
  /** Your own texts, by language. */
  texts?: Partial<Record<Language, Partial<PageText>>> | undefined;
  /** The beginning of the path that a proxy in front of this server removes, such as "/api". */
  pathPrefix?: string | undefined;
  /**
   * The path below which all pages are sold together, by routes with the same `resource`: a pass for one of them also
   * opens the others. Default: a pass is valid only for its own page.
   */
  passPath?: string | undefined;
}

export interface PageSettings {
  seller: string | undefined;
  fiat: PaywallPageOptions["fiat"];
  /** The style sheet with the theme's variables. */
  theme: string;
  texts: Readonly<Record<Language, PageText>>;
  pathPrefix: string;
  passPath: string | undefined;
}

const NAMES = [
  "seller",
  "fiat",
  "theme",
  "texts",
  "pathPrefix",
  "passPath",
] as const satisfies readonly (keyof PaywallPageOptions)[];
const VARIABLES = {
  accent: "accent",
  onAccent: "on-accent",
  background: "background",
  surface: "surface",
  text: "text",
  muted: "muted",
  line: "line",
  radius: "radius",
  font: "font",
} as const satisfies Record<keyof PaywallPageTheme, string>;

/** Checks the options. Throws a CONFIG_INVALID that names the option and the fix. */
export function checkOptions(options: PaywallPageOptions): PageSettings {
  refuseUnknownOptions("paywallPage", options, NAMES);
  const { seller, fiat, theme = {}, texts = {}, pathPrefix = "", passPath } = options;
  checkOption(seller === undefined || typeof seller === "string", "paywallPage: seller", "a text");
  checkOption(
    fiat === undefined || (/^[A-Z]{3}$/.test(fiat?.currency) && typeof fiat.pricePerBitcoin === "function"),
    "paywallPage: fiat",
    'an object such as { currency: "EUR", pricePerBitcoin: () => 60_000 }',
  );
  checkOption(
    typeof pathPrefix === "string" && /^(\/[\w.~-]+)*$/.test(pathPrefix),
    "paywallPage: pathPrefix",
    'a path such as "/api", without a slash at its end',
  );
  checkOption(
    passPath === undefined || passPath === "/" || (typeof passPath === "string" && /^(\/[\w.~-]+)+$/.test(passPath)),
    "paywallPage: passPath",
    'a path such as "/articles", without a slash at its end',
  );
  return { seller, fiat, theme: styleOf(theme), texts: mergeTexts(texts), pathPrefix, passPath };
}

function styleOf(theme: PaywallPageTheme): string {
  refuseUnknownOptions("paywallPage: theme", theme, Object.keys(VARIABLES));
  const light: string[] = [];
  const dark: string[] = [];
  for (const [name, value] of Object.entries(theme) as [keyof PaywallPageTheme, ThemeValue | undefined][]) {
    if (value === undefined) continue;
    const both = typeof value === "string" ? { light: value, dark: value } : value;
    for (const [list, text] of [
      [light, both?.light],
      [dark, both?.dark],
    ] as const) {
      // SECURITY: refuse text that ends the value or loads a resource (options.test.ts, "theme").
      const isValue =
        typeof text === "string" && /^[\w#%.,()"' /+*-]{1,200}$/.test(text) && !/url|image|\/\*/i.test(text);
      checkOption(isValue, `paywallPage: theme.${name}`, "a CSS value or { light, dark }, without url() and comments");
      list.push(`--l402-${VARIABLES[name]}:${text}`);
    }
  }
  if (light.length === 0) return "";
  return `:root{${light.join(";")}}@media (prefers-color-scheme: dark){:root{${dark.join(";")}}}`;
}

function mergeTexts(others: NonNullable<PaywallPageOptions["texts"]>): Readonly<Record<Language, PageText>> {
  refuseUnknownOptions("paywallPage: texts", others, LANGUAGES);
  const merged = LANGUAGES.map((language) => {
    const own = others[language] ?? {};
    refuseUnknownOptions(`paywallPage: texts.${language}`, own, Object.keys(TEXTS[language]));
    const isText = Object.values(own).every((text) => typeof text === "string");
    checkOption(isText, `paywallPage: texts.${language}`, "an object whose values are texts");
    return [language, { ...TEXTS[language], ...own }] as const;
  });
  return Object.fromEntries(merged) as Record<Language, PageText>;
}
