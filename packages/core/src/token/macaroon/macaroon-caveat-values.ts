import { isPrintable } from "./macaroon-codec.ts";

// What may stand after the `=` of a caveat, the same for what we mint and for what a holder adds. Every reader gives
// `undefined` for a value that is missing or not written in the one canonical way.

type Read<T> = (value: string | undefined) => T | undefined;

/** What comes after `<condition>=`. */
export const valueAfter = (caveat: string | undefined, condition: string): string | undefined =>
  caveat?.startsWith(`${condition}=`) ? caveat.slice(condition.length + 1) : undefined;

/** Decimal digits without sign or leading zeros, within the safe range. */
export const readInteger: Read<number> = (value) => {
  if (value === undefined || !/^(0|[1-9]\d{0,15})$/.test(value)) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
};

/** A number of uses, at least one. */
export const readUses: Read<number> = (value) => readInteger(value) || undefined;

/** True for what `readUses` reads back. */
export const isUses = (uses: unknown): uses is number => Number.isSafeInteger(uses) && (uses as number) > 0;

/**
 * Unix seconds.
 *
 * SECURITY: later than a `Date` can hold is refused. An invalid date is neither before nor after any other, so a token
 * with one could pass for never expiring (test: macaroon-holder-caveats.test.ts, "refuses an expiry beyond all dates").
 */
export const readExpiry: Read<Date> = (value) => {
  const seconds = readInteger(value);
  return seconds === undefined || seconds > LAST_SECOND ? undefined : new Date(seconds * 1000);
};

/** The Unix second a date falls in; `undefined` where no token can carry it. */
export function unixSecondsOf(date: Date): number | undefined {
  const seconds = typeof date?.getTime === "function" ? Math.floor(date.getTime() / 1000) : Number.NaN;
  return seconds >= 0 && seconds <= LAST_SECOND ? seconds : undefined;
}

/** Printable ASCII, 1 to 512 characters. */
export const readResource: Read<string> = (value) =>
  isPrintable(value) && value.length <= MAX_RESOURCE ? value : undefined;

/** A preimage in lower case. */
export const readPreimage: Read<string> = (value) =>
  value !== undefined && /^[0-9a-fA-F]{64}$/.test(value) ? value.toLowerCase() : undefined;

/** True for names that can stand in `services=` without meaning anything else there. */
export const isServiceName = (name: unknown): name is string =>
  typeof name === "string" && /^[A-Za-z0-9._-]{1,64}$/.test(name);

const MAX_RESOURCE = 512;
const LAST_SECOND = 8.64e12;
