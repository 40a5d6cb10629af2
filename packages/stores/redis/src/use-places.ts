import type { Use } from "@l402/core";

/** Where a use is counted: in this field, without spaces, of this hash of Redis, which expires so long after the token. */
export interface UsePlace {
  bucket: string;
  field: string;
  laterMs: number;
}

const MAX_KNOWN = 1000;

/**
 * Tokens that expire in the same ten seconds share 16 buckets, which expire as a whole. More would be small, and fewer would
 * take long to delete; in a cluster, what is in braces spreads them over the nodes. As with every store, a token must always
 * come with the same expiry.
 *
 * A payment hash is counted under its first 15 digits. Nobody chooses a payment hash, so two with the same beginning are
 * chance: where ten thousand tokens a second are sold, a new one meets another of its bucket in one of 10^13 cases, and is
 * then refused as used.
 */
export function createUsePlaces(prefix: string): (use: Use) => UsePlace {
  // The same text again is found faster than another one with the same letters.
  const buckets = new Map<number, string>();

  function bucketOf(tenSeconds: number, digit: string): string {
    const number = tenSeconds * 128 + (digit === "" ? 0 : digit.charCodeAt(0));
    const known = buckets.get(number);
    if (known !== undefined) return known;
    const bucket = `${prefix}{${tenSeconds}.${digit}}`;
    if (buckets.size === MAX_KNOWN) buckets.clear();
    buckets.set(number, bucket);
    return bucket;
  }

  return ({ key, expiresAt }) => {
    const tenSeconds = Math.ceil(expiresAt.getTime() / 10_000);
    const laterMs = tenSeconds * 10_000 - expiresAt.getTime();
    if (!isPaymentHash(key)) return { bucket: bucketOf(tenSeconds, ""), field: encodeURIComponent(key), laterMs };
    const rest = key.length > 64 ? encodeURIComponent(key.slice(64)) : "";
    return { bucket: bucketOf(tenSeconds, key.charAt(0)), field: key.slice(1, 15) + rest, laterMs };
  };
}

/** With what may follow it after a colon. The digits that count are checked, without branches: a digit is hard to guess. */
function isPaymentHash(key: string): boolean {
  let isHex = 1;
  for (let i = 0; i < 15; i++) isHex &= IS_HEX[key.charCodeAt(i)] ?? 0;
  return isHex === 1 && (key.length === 64 || key[64] === ":");
}

const IS_HEX = Uint8Array.from({ length: 128 }, (_, code) => Number(/[0-9a-f]/.test(String.fromCharCode(code))));
