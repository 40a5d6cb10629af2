import { Buffer } from "#crypto";
import { randomBytes } from "../bytes.ts";

const LENGTH = 16;
const IDS = 256;
let pool: Buffer = Buffer.alloc(0);
let used = 0;

/**
 * Returns an id that tells two tokens apart: 16 random bytes, as base64url. It is no secret, as every token shows its
 * own. Many ids are made at once, because one call for random bytes takes longer than the rest of making a token.
 */
export function randomId(): string {
  if (used === pool.length) {
    pool = Buffer.from(randomBytes(LENGTH * IDS).buffer);
    used = 0;
  }
  used += LENGTH;
  return pool.toString("base64url", used - LENGTH, used);
}
