import { hash } from "node:crypto";

// One-shot hashes: about four times as fast in Node as hash and HMAC objects. `web.ts` is the same without Node.
// Text ("binary" is latin1) because a Buffer result costs more than the hash itself.

const BLOCK = 64;

export const sha256 = (message: Uint8Array): Uint8Array => fromLatin1(hash("sha256", message, "binary"));

/** A secret, padded once for all the HMACs made with it. */
export interface HmacKey {
  readonly inner: Uint8Array;
  readonly outer: Uint8Array;
}

export function createHmacKey(secret: Uint8Array): HmacKey {
  const key = secret.length > BLOCK ? sha256(secret) : secret;
  const inner = new Uint8Array(BLOCK).fill(0x36);
  const outer = new Uint8Array(BLOCK + 32).fill(0x5c);
  for (let i = 0; i < key.length; i++) {
    inner[i] = 0x36 ^ (key[i] as number);
    outer[i] = 0x5c ^ (key[i] as number);
  }
  return { inner, outer };
}

export function hmacSha256(key: HmacKey, message: Uint8Array): Uint8Array {
  const padded = new Uint8Array(BLOCK + message.length);
  padded.set(key.inner);
  padded.set(message, BLOCK);
  const { outer } = key;
  writeLatin1(hash("sha256", padded, "binary"), outer, BLOCK);
  return sha256(outer);
}

function fromLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(32);
  writeLatin1(text, bytes, 0);
  return bytes;
}

function writeLatin1(text: string, target: Uint8Array, offset: number): void {
  for (let i = 0; i < 32; i++) target[offset + i] = text.charCodeAt(i);
}
