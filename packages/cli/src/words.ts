import type { Quote } from "@l402/client";

/** 10 sats, 0.5 sats. */
export const inSats = (msat: number): string =>
  `${(msat / 1000).toLocaleString("en-US")} ${msat === 1000 ? "sat" : "sats"}`;

/** What it costs and what that buys. */
export function quoteInWords({ amountMsat, resource, uses, description, origin }: Quote): string {
  const thing = resource ?? description ?? origin;
  const often =
    uses === undefined || uses === 1 ? "" : uses === "unlimited" ? ", as often as you like" : `, ${uses} times`;
  return `${inSats(amountMsat)} for ${printable(thing)}${often}`;
}

/** A seller's words cannot move the cursor or change colours. */
export const printable = (text: string): string => text.replace(/[^\P{C}]/gu, "�").slice(0, 200);

/** One fact a line, those inside others further right. */
export function factsInWords(facts: Readonly<Record<string, unknown>>, indent = ""): string {
  return Object.entries(facts)
    .map(([name, value]) => {
      const isGroup = typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
      if (isGroup) return `${indent}${name}\n${factsInWords(value as Record<string, unknown>, `${indent}  `)}`;
      return `${indent}${name.padEnd(16 - indent.length)} ${inWords(value)}\n`;
    })
    .join("");
}

function inWords(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.length ? value.map((each) => printable(String(each))).join(", ") : "none";
  return printable(String(value));
}
