import { invalidField } from "./invalid-field.ts";
import { InvoiceMalformedError } from "./invoice-malformed-error.ts";

/** 21 million bitcoin. A higher amount is a mistake, or an attempt to break the reader. */
const MAX_MSAT = 2_100_000_000_000_000_000n;

/**
 * Parses the amount of a prefix, such as `2500u`, into exact millisatoshis. Accepts only the form of the specification.
 */
export function parseAmount(text: string): bigint {
  const [, digits, unit = ""] = /^([1-9]\d*)([munp]?)$/.exec(text) ?? [];
  if (digits === undefined) throw new InvoiceMalformedError("The invoice's amount is not a positive whole number.");
  const tenths = BigInt(digits) * (TENTHS_PER_UNIT.get(unit) as bigint);
  if (tenths % 10n) throw new InvoiceMalformedError("The invoice's amount is not a whole number of millisatoshi.");
  const msat = tenths / 10n;
  if (msat > MAX_MSAT) throw new InvoiceMalformedError("The invoice's amount is above 21 million bitcoin.");
  return msat;
}

/** Writes an amount as the shortest text, with the largest unit that divides it. */
export function formatAmount(msat: bigint): string {
  if (typeof msat !== "bigint" || msat <= 0n || msat > MAX_MSAT)
    throw invalidField("amountMsat must be a bigint above 0, of at most 21 million bitcoin.");
  const tenths = msat * 10n;
  const [unit, perUnit] = [...TENTHS_PER_UNIT].find(([, perUnit]) => tenths % perUnit === 0n) as [string, bigint];
  return `${tenths / perUnit}${unit}`;
}

/** In tenths of a millisatoshi, of which the smallest unit is one. */
const TENTHS_PER_UNIT: ReadonlyMap<string, bigint> = new Map([
  ["", 1_000_000_000_000n],
  ["m", 1_000_000_000n],
  ["u", 1_000_000n],
  ["n", 1_000n],
  ["p", 1n],
]);
