import type { Use } from "@l402/core";

/**
 * Where a use is counted: in the field `field` (without spaces) of the Redis hash `bucket`, which expires `laterMs`
 * after the token.
 */
export interface UsePlace {
  bucket: string;
  field: string;
  laterMs: number;
}

const MAX_KNOWN = 1000;

/**
 * Creates the function that finds the place of a use.
 *
 * Tokens that expire in the same ten seconds share 16 buckets, and each bucket expires as a whole. More buckets would
 * be too small, and fewer would take long to delete. In a cluster, the part in braces spreads the buckets over the
 * nodes. As with every store, a token must always come with the same expiry.
 *
 * A payment hash is counted under its first 15 digits. Buyers cannot choose a payment hash, so two hashes with the same
 * beginning happen only by chance. Where ten thousand tokens a second are sold, one new token in 10^13 meets another of
 * its bucket, and is then refused as used.
 */
export function createUsePlaces(prefix: string): (use: Use) => UsePlace {
  // Reuses one string object for each bucket, because comparing it with itself is faster than with an equal copy.
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

/**
 * True for a payment hash, also if a colon and more text follow it. Only the digits that are counted are checked. The
 * check has no branches, because the CPU cannot predict random digits.
 */
function isPaymentHash(key: string): boolean {
  let isHex = 1;
  for (let i = 0; i < 15; i++) isHex &= IS_HEX[key.charCodeAt(i)] ?? 0;
  return isHex === 1 && (key.length === 64 || key[64] === ":");
}

const IS_HEX = Uint8Array.from({ length: 128 }, (_, code) => Number(/[0-9a-f]/.test(String.fromCharCode(code))));
