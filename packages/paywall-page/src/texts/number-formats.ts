import type { Language } from "./languages.ts";

const formats = new Map<string, Intl.NumberFormat>();

/** Caches the formats, because creating one costs more than the rest of a page. */
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

/**
 * Formats a duration in the largest unit that needs at most one decimal digit, or of which there are so many that the
 * rest does not matter. It rounds down, because it is a promise.
 */
export function formatDuration(language: Language, seconds: number): string {
  const isExact = (length: number) => (seconds * 10) % length === 0;
  const fits = (length: number) => seconds >= length * (isExact(length) ? 1 : 20);
  const [unit, length] = UNITS.find(([, length]) => fits(length)) ?? UNITS[3];
  const count = isExact(length) ? seconds / length : Math.floor(seconds / length);
  return formatOf(language, { style: "unit", unit, unitDisplay: "long" }).format(count);
}

/** Formats an amount of money. An amount below one gets two significant digits: $0.0063. */
export const formatMoney = (language: Language, amount: number, currency: string): string =>
  formatOf(language, { style: "currency", currency, ...(amount < 1 && { maximumSignificantDigits: 2 }) }).format(
    amount,
  );
