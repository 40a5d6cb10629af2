import { hexOf } from "./hex.ts";

/**
 * The names of the two cookies of a resource: one for the claim on an unpaid invoice, one for the pass. Each resource
 * has names of its own, because browsers may keep the cookies of several resources for one path: the same path with
 * another query, or a folder.
 */
export const claimName = async (resource: string): Promise<string> => `l402_pending_${await shortHash(resource)}`;
export const passName = async (resource: string): Promise<string> => `l402_${await shortHash(resource)}`;

export const isClaimName = (name: string): boolean => /^l402_pending_[0-9a-f]{6}$/.test(name);
export const isPassName = (name: string): boolean => /^l402_[0-9a-f]{6}$/.test(name);

/** Returns six hex digits. It uses no key, so the names stay the same when the seller's secret changes. */
async function shortHash(text: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return hexOf(hash.subarray(0, 3));
}
