import { isPrintable } from "./macaroon-codec.ts";

// Readers for the text after the `=` of a caveat, the same for caveats that we mint and for those a holder adds. Every
// reader returns `undefined` if the value is missing or is not written in its one canonical form.

type Read<T> = (value: string | undefined) => T | undefined;

/** Returns the text after `<condition>=`. */
export const valueAfter = (caveat: string | undefined, condition: string): string | undefined =>
  caveat?.startsWith(`${condition}=`) ? caveat.slice(condition.length + 1) : undefined;

/** Reads decimal digits without sign or leading zeros, within the safe integers. */
export const readInteger: Read<number> = (value) => {
  if (value === undefined || !/^(0|[1-9]\d{0,15})$/.test(value)) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
};

/** Reads a number of uses, at least one. */
export const readUses: Read<number> = (value) => readInteger(value) || undefined;

/** True for the numbers that `readUses` can read back. */
export const isUses = (uses: unknown): uses is number => Number.isSafeInteger(uses) && (uses as number) > 0;

/**
 * Reads Unix seconds.
 *
 * SECURITY: a time later than a `Date` can hold is refused. An invalid date is neither before nor after any other date,
 * so a token with one could count as never expiring (test: macaroon-holder-caveats.test.ts, "refuses an expiry beyond
 * all dates").
 */
export const readExpiry: Read<Date> = (value) => {
  const seconds = readInteger(value);
  return seconds === undefined || seconds > LAST_SECOND ? undefined : new Date(seconds * 1000);
};

/** Returns the Unix second that a date falls in; `undefined` if no token can carry it. */
export function unixSecondsOf(date: Date): number | undefined {
  const seconds = typeof date?.getTime === "function" ? Math.floor(date.getTime() / 1000) : Number.NaN;
  return seconds >= 0 && seconds <= LAST_SECOND ? seconds : undefined;
}

/** Reads a resource: printable ASCII, 1 to 512 characters. */
export const readResource: Read<string> = (value) =>
  isPrintable(value) && value.length <= MAX_RESOURCE ? value : undefined;

/** Reads a preimage, and returns it in lower case. */
export const readPreimage: Read<string> = (value) =>
  value !== undefined && /^[0-9a-fA-F]{64}$/.test(value) ? value.toLowerCase() : undefined;

/** True for names that have no special meaning inside `services=`. */
export const isServiceName = (name: unknown): name is string =>
  typeof name === "string" && /^[A-Za-z0-9._-]{1,64}$/.test(name);

const MAX_RESOURCE = 512;
const LAST_SECOND = 8.64e12;
