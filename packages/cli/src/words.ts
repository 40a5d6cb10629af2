import type { Quote, ResponsePayment } from "@l402/client";

/** Writes an amount: "10 sats", "0.5 sats". */
export const inSats = (msat: number): string =>
  `${(msat / 1000).toLocaleString("en-US", { maximumFractionDigits: 3 })} ${msat === 1000 ? "sat" : "sats"}`;

/** Tells what a purchase costs and what it buys. */
export function quoteInWords({ amountMsat, resource, uses, description, method, url }: Quote): string {
  const thing = resource ?? description ?? `${method} ${url}`;
  const often = uses === undefined || uses === 1 ? "" : `${uses} uses of `;
  return `${inSats(amountMsat)} for ${often}${printable(thing)}`;
}

/** A quote for programs, in both units: people and budgets count in sats, and invoices in millisats. */
export const quoteAsData = ({ amountMsat, ...quote }: Quote) => ({
  amountSats: amountMsat / 1000,
  amountMsat,
  ...quote,
});

/** What was paid, for programs. */
export const paymentAsData = ({ amountMsat, feeMsat, paymentHash, paidNow }: ResponsePayment) => ({
  paidNow,
  amountSats: amountMsat / 1000,
  feeSats: feeMsat / 1000,
  paymentHash,
});

/**
 * SECURITY: a seller's words must not move the cursor or change colours (inspect.test.ts, fetch.test.ts, "control
 * characters").
 */
export const printable = (text: string): string => withoutControls(text).slice(0, 200);

export const withoutControls = (text: string): string => text.replace(/[^\P{C}]/gu, "�");

/** "36 ms", "1.2 s". */
export const durationInWords = (seconds: number): string =>
  seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`;

/** "in 9 min", "just now", "3 h ago". */
export function whenInWords(date: Date, now = Date.now()): string {
  const seconds = Math.round((date.getTime() - now) / 1000);
  const size = Math.abs(seconds);
  if (size === 0) return "just now";
  const [unit, length] =
    size < 60 ? ["s", 1] : size < 3600 ? ["min", 60] : size < 172_800 ? ["h", 3600] : ["days", 86_400];
  const span = `${Math.round(size / (length as number))} ${unit}`;
  return seconds < 0 ? `${span} ago` : `in ${span}`;
}

/** Writes one fact a line, and indents nested facts. */
export function factsInWords(facts: Readonly<Record<string, unknown>>, indent = ""): string {
  return Object.entries(facts)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const isGroup = typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
      const label = printable(name);
      if (isGroup) return `${indent}${label}\n${factsInWords(value as Record<string, unknown>, `${indent}  `)}`;
      return `${indent}${label.padEnd(18 - indent.length)} ${inWords(name, value)}\n`;
    })
    .join("");
}

/** A stranger's object may have a `toString` that is no function. */
const asText = (value: unknown): string => (typeof value === "object" ? JSON.stringify(value) : String(value));

function inWords(name: string, value: unknown): string {
  if (value instanceof Date) return `${value.toISOString()} (${whenInWords(value)})`;
  if (Array.isArray(value)) return value.length ? value.map((each) => printable(asText(each))).join(", ") : "none";
  const isAmount = /msat$/i.test(name) && /^\d+$/.test(String(value));
  if (isAmount) return `${value} (${inSats(Number(value))})`;
  const date = new Date(Number(value) * 1000);
  if (/^exp/.test(name) && Number.isSafeInteger(value) && date.getTime()) return `${value} (${whenInWords(date)})`;
  return printable(String(value));
}
