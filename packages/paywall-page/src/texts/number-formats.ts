import type { Language } from "./languages.ts";

const formats = new Map<string, Intl.NumberFormat>();

/** Making a format costs more than all the rest of a page. */
function formatOf(language: Language, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${language} ${options.unit ?? options.currency ?? ""} ${options.maximumSignificantDigits ?? ""}`;
  const format = formats.get(key) ?? new Intl.NumberFormat(language, options);
  formats.set(key, format);
  return format;
}

export const formatCount = (language: Language, count: number): string =>
  formatOf(language, { maximumFractionDigits: 3 }).format(count);

const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
] as const;

/** In the largest unit that has at most one digit behind the point. */
export function formatDuration(language: Language, seconds: number): string {
  const [unit, length] = UNITS.find(([, length]) => seconds >= length && (seconds * 10) % length === 0) ?? UNITS[3];
  return formatOf(language, { style: "unit", unit, unitDisplay: "long" }).format(seconds / length);
}

/** Less than one gets two digits that say something: $0.0063. */
export const formatMoney = (language: Language, amount: number, currency: string): string =>
  formatOf(language, { style: "currency", currency, ...(amount < 1 && { maximumSignificantDigits: 2 }) }).format(
    amount,
  );
