import { invalidField } from "./invalid-field.ts";
import { InvoiceMalformedError } from "./invoice-malformed-error.ts";

/** 21 million bitcoin. A higher amount is a mistake, or an attempt to break the reader. */
const MAX_MSAT = 2_100_000_000_000_000_000n;

/**
 * Parses the amount of a prefix, such as `2500u`, into exact millisatoshis. Accepts only the form of the specification.
 */
export function parseAmount(text: string): bigint {
  const [, digits, multiplier] = /^([1-9]\d*)([munp]?)$/.exec(text) ?? [];
  if (digits === undefined) throw new InvoiceMalformedError("The invoice's amount is not a positive whole number.");
  let msat: bigint;
  if (multiplier === "p") {
    if (!digits.endsWith("0"))
      throw new InvoiceMalformedError("The invoice's amount is not a whole number of millisatoshi.");
    msat = BigInt(digits.slice(0, -1));
  } else {
    msat = BigInt(digits) * (MSAT_PER_UNIT.get(multiplier ?? "") as bigint);
  }
  if (msat > MAX_MSAT) throw new InvoiceMalformedError("The invoice's amount is above 21 million bitcoin.");
  return msat;
}

/** Writes an amount as the shortest text, with the largest unit that divides it. */
export function formatAmount(msat: bigint): string {
  if (typeof msat !== "bigint" || msat <= 0n || msat > MAX_MSAT)
    throw invalidField("amountMsat must be a bigint above 0, of at most 21 million bitcoin.");
  for (const [unit, msatPerUnit] of MSAT_PER_UNIT) {
    if (msat % msatPerUnit === 0n) return `${msat / msatPerUnit}${unit}`;
  }
  return `${msat}0p`;
}

const MSAT_PER_UNIT: ReadonlyMap<string, bigint> = new Map([
  ["", 100_000_000_000n],
  ["m", 100_000_000n],
  ["u", 100_000n],
  ["n", 100n],
]);
