import { base64OfBytes } from "#crypto";
import { randomBytes } from "../bytes.ts";

const LENGTH = 16;
const IDS = 256;
let pool: Uint8Array = new Uint8Array(0);
let used = 0;

/**
 * What tells two tokens apart: 16 random bytes, base64url. No secret, as every token shows its own. Many are made at once,
 * because to ask for random bytes takes longer than the rest of making a token.
 */
export function randomId(): string {
  if (used === pool.length) {
    pool = randomBytes(LENGTH * IDS);
    used = 0;
  }
  used += LENGTH;
  return base64OfBytes(pool.subarray(used - LENGTH, used));
}
