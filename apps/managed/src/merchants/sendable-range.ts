import { isL402Error } from "@l402/core";

/** The amounts that an address takes. */
export interface SendableRange {
  min: number;
  max: number;
}

/** The amounts that an address takes, from the error that names them (address-book.test.ts keeps them together). */
export function rangeIn(error: unknown): SendableRange | undefined {
  const [, min, max] = (isL402Error(error) && /^Use a price from (\d+) to (\d+) msat\.$/.exec(error.hint)) || [];
  return min === undefined || max === undefined ? undefined : { min: Number(min), max: Number(max) };
}
