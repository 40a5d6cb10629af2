import { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import { bytesOf } from "../bytes.ts";

// What Node does several times as fast as code that runs everywhere, which is `web.ts`. One-shot hashes are four times as
// fast as hash and HMAC objects. They answer text ("binary" is latin1), because a Buffer costs more than its hash.

// For `quick/`: nothing of Node is imported but here.
export { Buffer };

const BLOCK = 64;
/** As long as a token can be. Longer messages get memory of their own. */
const LENGTH = 4096;

// Shared by all calls: to allocate would take longer than what is done in it. No call waits for anything meanwhile.
const decoded = new Uint8Array(LENGTH);
const decodedText = Buffer.from(decoded.buffer);
const first32 = decoded.subarray(0, 32);
const inner = new Uint8Array(BLOCK + LENGTH);
const outer = new Uint8Array(BLOCK + 32);
const padding = { inner: new Uint8Array(BLOCK), outer: new Uint8Array(BLOCK) };

/** Where a message is put that `signMessage` signs. Overwritten by all that signs. */
export const message = Buffer.from(inner.buffer, BLOCK);

export const sha256 = (bytes: Uint8Array): Uint8Array => fromLatin1(hash("sha256", bytes, "binary"));

/** In hex, of 32 bytes in hex, in either case; `undefined` for any other text. */
export function sha256OfHex(hex: string): string | undefined {
  // Node stops at what is no digit.
  const isHex = hex.length === 64 && decodedText.write(hex, "hex") === 32 && !WIDE.test(hex);
  return isHex ? hash("sha256", first32, "hex") : undefined;
}

export interface Signer {
  sign(bytes: Uint8Array): Uint8Array;
  /** Signs the first bytes of `message`; the signature is base64url. */
  signMessage(length: number): string;
}

/** HMAC-SHA256 with a key that is used often: it keeps its padded key. */
export function createSigner(secret: Uint8Array): Signer {
  const pads = { inner: new Uint8Array(BLOCK), outer: new Uint8Array(BLOCK) };
  pad(secret, pads);
  return {
    sign: (bytes) => signWith(pads, bytes),
    signMessage(length) {
      inner.set(pads.inner);
      return hashTwice(inner.subarray(0, BLOCK + length), pads, "base64url");
    },
  };
}

/** HMAC-SHA256 with a key that is used once, of bytes or of a text's UTF-8. */
export function hmacSha256(secret: Uint8Array, content: Uint8Array | string): Uint8Array {
  pad(secret, padding);
  if (typeof content !== "string") return signWith(padding, content);
  // No character takes more than three bytes.
  if (3 * content.length > LENGTH) return signWith(padding, bytesOf(content));
  inner.set(padding.inner);
  const padded = inner.subarray(0, BLOCK + message.write(content));
  return fromLatin1(hashTwice(padded, padding, "binary"));
}

type Pads = typeof padding;

function pad(secret: Uint8Array, pads: Pads): void {
  const key = secret.length > BLOCK ? sha256(secret) : secret;
  pads.inner.fill(0x36);
  pads.outer.fill(0x5c);
  for (let i = 0; i < key.length; i++) {
    pads.inner[i] = 0x36 ^ (key[i] as number);
    pads.outer[i] = 0x5c ^ (key[i] as number);
  }
}

function signWith(pads: Pads, bytes: Uint8Array): Uint8Array {
  const padded = bytes.length <= LENGTH ? inner : new Uint8Array(BLOCK + bytes.length);
  padded.set(pads.inner);
  padded.set(bytes, BLOCK);
  return fromLatin1(hashTwice(padded.subarray(0, BLOCK + bytes.length), pads, "binary"));
}

/** The padded key comes first both times. */
function hashTwice(padded: Uint8Array, pads: Pads, encoding: "binary" | "base64url"): string {
  outer.set(pads.outer);
  writeLatin1(hash("sha256", padded, "binary"), outer, BLOCK);
  return hash("sha256", outer, encoding);
}

export const hexOfBytes = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");

/** The bytes of base64, until the next call; `undefined` for what is no base64, and for what is longer than tokens are. */
export function bytesOfBase64(base64: string): Uint8Array | undefined {
  const length = decodeBase64(base64, decodedText);
  return length < 0 ? undefined : decoded.subarray(0, length);
}

export const isBase64 = (text: string): boolean => decodeBase64(text, decodedText) >= 0;

/** How many bytes it wrote; -1 for what is not base64, standard or URL-safe, padded or not, and for what does not fit. */
export function decodeBase64(base64: string, target: Buffer): number {
  const padding = !base64.endsWith("=") ? 0 : base64.endsWith("==") ? 2 : 1;
  const digits = base64.length - padding;
  const last = LAST_DIGITS[digits % 4];
  if (last === undefined || (padding > 0 && base64.length % 4 > 0)) return -1;
  // One value has one spelling, so the bits of the last digit that no byte needs are zero.
  if (last && !last.includes(base64.charAt(digits - 1))) return -1;
  // Node passes over what is no digit, and then has fewer bytes to write.
  const length = target.write(base64, "base64");
  return length === (digits * 3) >> 2 && !WIDE.test(base64) ? length : -1;
}

/** By how many digits are in the last, unfinished group of four. One alone is no byte. */
const LAST_DIGITS = ["", undefined, "AQgw", "AEIMQUYcgkosw048"];
/** Node reads the lower half of such a character. There is no such one in a header, and V8 knows it without looking. */
const WIDE = /[\u0100-\uffff]/;

function fromLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(32);
  writeLatin1(text, bytes, 0);
  return bytes;
}

function writeLatin1(text: string, target: Uint8Array, offset: number): void {
  for (let i = 0; i < 32; i++) target[offset + i] = text.charCodeAt(i);
}
