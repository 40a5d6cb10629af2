import { isL402Error } from "@l402/core";

/** The amounts that an address takes. */
export interface SendableRange {
  min: number;
  max: number;
}

/**
 * The amounts that an address takes, from the error that names them (address-book.test.ts keeps them together).
 *
 * SECURITY: whoever has an address names them. What is no exact number could be kept, and not read again, and with it no
 * merchant who is due (hostile-addresses.test.ts, "too large for a whole number").
 */
export function rangeIn(error: unknown): SendableRange | undefined {
  const [, min, max] = (isL402Error(error) && /^Use a price from (\d+) to (\d+) msat\.$/.exec(error.hint)) || [];
  if (min === undefined || max === undefined) return undefined;
  return { min: Number(min), max: Math.min(Number(max), Number.MAX_SAFE_INTEGER) };
}
