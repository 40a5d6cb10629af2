import { ar } from "./ar.ts";
import { de } from "./de.ts";
import { en } from "./en.ts";
import { es } from "./es.ts";
import { fr } from "./fr.ts";
import type { PageText } from "./page-text.ts";

export const TEXTS = { en, de, es, fr, ar } satisfies Record<string, PageText>;

export type Language = keyof typeof TEXTS;

/** The first language is the default. */
export const LANGUAGES = ["en", "de", "es", "fr", "ar"] as const satisfies readonly [Language, ...Language[]];

export const directionOf = (language: Language): "ltr" | "rtl" => (language === "ar" ? "rtl" : "ltr");
