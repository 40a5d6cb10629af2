import { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import { bytesOf } from "../bytes.ts";
import { decodeLowerHex } from "../quick/four-at-once.ts";

// Hashes and encodings that Node does several times as fast as `web.ts`, whose code runs everywhere. One-shot hashes
// are four times as fast as hash and HMAC objects. They return text, because a Buffer costs more than its hash.

// For `quick/`, so that only this file imports from Node.
export { Buffer };

/** Two bytes in each character, so that half as many are to be read. The types of Node leave this encoding out. */
const UTF16 = "utf16le" as "binary";
const BLOCK = 64;
/** The length of the longest token. Longer messages get their own memory. */
const LENGTH = 4096;

// All calls share this memory, because allocating it would take longer than the work done in it. This is safe because
// no call is asynchronous.
const decoded = new Uint8Array(LENGTH);
const decodedText = Buffer.from(decoded.buffer);
/** A padded key and a message, for the first hash of an HMAC, and then a block that stays empty. */
const inner = new Uint8Array(BLOCK + LENGTH + BLOCK);
const hexBytes = Buffer.alloc(32);
const hexDigits = Buffer.alloc(64);
const hexView = new DataView(hexDigits.buffer, hexDigits.byteOffset);

// A request's token and preimage are decoded when its header is read, and again when they are verified. So the last
// text is remembered with its decoded bytes. Every function that overwrites those bytes forgets the text
// (usual-token.test.ts, "whatever was read in between").
let innerPads: Pads | undefined;
let messageText: string | undefined;
let messageLength = 0;
let hexText: string | undefined;

/** The place of the message that `signMessage` signs. `writeMessage` or `readMessage` fills it. */
export const message = Buffer.from(inner.buffer, BLOCK, LENGTH);

/** Writes a text into `message` as UTF-8, where a character takes at most three bytes. Returns the number of bytes. */
export function writeMessage(text: string): number {
  messageText = undefined;
  return message.write(text);
}

/** Decodes base64 into `message`. Returns the number of bytes, or -1 if the text is not base64 or does not fit. */
export function readMessage(base64: string): number {
  messageLength = decodeBase64(base64, message);
  messageText = base64;
  return messageLength;
}

/**
 * Does the same as `readMessage`, but skips the work if that text was read last. Comparing two texts that differ late
 * takes a third of the time of decoding.
 */
export const readMessageAgain = (base64: string): number =>
  base64 === messageText ? messageLength : readMessage(base64);

export const sha256 = (bytes: Uint8Array): Uint8Array => bytesOfHash(hash("sha256", bytes, UTF16));

/** Returns the SHA-256, in hex, of 32 bytes given in hex of either case; `undefined` for any other text. */
export function sha256OfHex(hex: string): string | undefined {
  if (hex !== hexText) {
    hexText = undefined;
    // Node stops at a character that is not a digit.
    if (hex.length !== 64 || hexBytes.write(hex, "hex") !== 32 || WIDE.test(hex)) return undefined;
    hexText = hex;
  }
  return hash("sha256", hexBytes, "hex");
}

/** Reads 64 lower-case hex digits, which `sha256OfHex` may hash next. Returns false for any other text. */
export function readLowerHex(hex: string): boolean {
  hexText = undefined;
  if (hex.length !== 64 || WIDE.test(hex)) return false;
  hexDigits.write(hex, "latin1");
  if (!decodeLowerHex(hexView, hexBytes)) return false;
  hexText = hex;
  return true;
}

/**
 * SECURITY: the name is a symbol of this copy of the package. A key of another copy (such as ESM beside CommonJS) signs
 * the message in its own memory, regardless of the token (usual-token.test.ts, "another copy of this package").
 */
export const signMessage = Symbol("signMessage");

export interface Signer {
  sign(bytes: Uint8Array): Uint8Array;
  /** Signs the first `length` bytes of `message`. Returns the signature as base64url. */
  [signMessage](length: number): string;
}

/** A padded key for each of the two hashes of an HMAC. `outer` has room for the first hash after its key. */
interface Pads {
  inner: Uint8Array;
  outer: Uint8Array;
}

/** Makes a signer for HMAC-SHA256 with a key that is used often: it keeps the padded key. */
export function createSigner(secret: Uint8Array): Signer {
  const pads = { inner: new Uint8Array(BLOCK), outer: new Uint8Array(BLOCK + 32) };
  pad(secret, pads);
  const use = () => {
    if (innerPads !== pads) inner.set(pads.inner);
    innerPads = pads;
  };
  return {
    sign(bytes) {
      use();
      return signBytes(bytes, pads);
    },
    [signMessage](length) {
      use();
      return hashTwice(paddedMessage(length), pads, "base64url");
    },
  };
}

/** The pads of a key that is used once. The inner key exists only in `inner`, where it is used. */
const oncePads: Pads = { inner, outer: new Uint8Array(BLOCK + 32) };

/** Returns the HMAC-SHA256 of bytes, or of a text's UTF-8, with a key that is used once. */
export function hmacSha256(secret: Uint8Array, content: Uint8Array | string): Uint8Array {
  innerPads = undefined;
  pad(secret, oncePads);
  if (typeof content !== "string") return signBytes(content, oncePads);
  if (3 * content.length > LENGTH) return signBytes(bytesOf(content), oncePads);
  return bytesOfHash(hashTwice(paddedMessage(writeMessage(content)), oncePads, UTF16));
}

function pad(secret: Uint8Array, { inner, outer }: Pads): void {
  const key = secret.length > BLOCK ? sha256(secret) : secret;
  for (let i = 0; i < key.length; i++) {
    const byte = key[i] as number;
    inner[i] = 0x36 ^ byte;
    outer[i] = 0x5c ^ byte;
  }
  inner.fill(0x36, key.length, BLOCK);
  outer.fill(0x5c, key.length, BLOCK);
}

/** Signs with the padded key that is in `inner` already. */
function signBytes(bytes: Uint8Array, pads: Pads): Uint8Array {
  let padded: Uint8Array;
  if (bytes.length <= LENGTH) {
    messageText = undefined;
    message.set(bytes);
    padded = paddedMessage(bytes.length);
  } else {
    padded = new Uint8Array(BLOCK + bytes.length);
    padded.set(inner.subarray(0, BLOCK));
    padded.set(bytes, BLOCK);
  }
  return bytesOfHash(hashTwice(padded, pads, UTF16));
}

/** Views of `inner` by message length. They are kept, because making one costs a tenth of a hash. */
const paddedMessages = new Array<Uint8Array | undefined>(LENGTH + 1);

function paddedMessage(length: number): Uint8Array {
  const known = paddedMessages[length];
  if (known) return known;
  const padded = inner.subarray(0, BLOCK + length);
  paddedMessages[length] = padded;
  return padded;
}

/** Computes the two hashes of an HMAC. Each starts with a padded key. */
function hashTwice(padded: Uint8Array, { outer }: Pads, encoding: typeof UTF16 | "base64url"): string {
  writeHash(hash("sha256", padded, UTF16), outer, BLOCK);
  return hash("sha256", outer, encoding);
}

export const hexOfBytes = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");

/**
 * Decodes base64. The bytes are valid until the next call. Returns `undefined` for text that is not base64, or that is
 * longer than a token can be.
 */
export function bytesOfBase64(base64: string): Uint8Array | undefined {
  const length = decodeBase64(base64, decodedText);
  return length < 0 ? undefined : decoded.subarray(0, length);
}

/**
 * Decodes base64, standard or URL-safe, padded or not. Returns the number of bytes written, or -1 if the text is not
 * base64 or does not fit.
 */
function decodeBase64(base64: string, target: Buffer): number {
  const { length: all } = base64;
  const padding = base64.charCodeAt(all - 1) !== EQUALS ? 0 : base64.charCodeAt(all - 2) !== EQUALS ? 1 : 2;
  const digits = base64.length - padding;
  const last = LAST_DIGITS[digits % 4];
  if (last === undefined || (padding > 0 && base64.length % 4 > 0)) return -1;
  // One value has one spelling, so the unused bits of the last digit must be zero.
  if (last && !last.includes(base64.charAt(digits - 1))) return -1;
  // Node skips characters that are no digits, and then writes fewer bytes.
  const length = target.write(base64, "base64");
  return length === (digits * 3) >> 2 && !WIDE.test(base64) ? length : -1;
}

const EQUALS = 61;
/**
 * The last digits that are allowed, by the number of digits in the last, unfinished group of four. One digit alone is
 * not a byte.
 */
const LAST_DIGITS = ["", undefined, "AQgw", "AEIMQUYcgkosw048"];
/**
 * Characters that Node would read by their lower byte. A header contains none, and V8 knows that without searching it.
 */
const WIDE = /[\u0100-\uffff]/;

function bytesOfHash(utf16: string): Uint8Array {
  const bytes = new Uint8Array(32);
  writeHash(utf16, bytes, 0);
  return bytes;
}

function writeHash(utf16: string, target: Uint8Array, offset: number): void {
  for (let i = 0; i < 16; i++) {
    const two = utf16.charCodeAt(i);
    target[offset + 2 * i] = two;
    target[offset + 2 * i + 1] = two >> 8;
  }
}
