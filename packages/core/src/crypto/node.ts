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
/** A padded key and a message, for the first hash of an HMAC, and a block that stays empty. */
const inner = new Uint8Array(BLOCK + LENGTH + BLOCK);
const hexBytes = Buffer.alloc(32);

// A request's token and preimage are read when its header is, and then once more by who proves them. What was read last is
// known by its text, and forgotten by all that writes over it (usual-token.test.ts, "whatever was read in between").
let innerPads: Pads | undefined;
let messageText: string | undefined;
let messageLength = 0;
let hexText: string | undefined;

/** Where a message is put that `signMessage` signs: by `writeMessage`, or by `readMessage`. */
export const message = Buffer.from(inner.buffer, BLOCK, LENGTH);

/** Puts a text's UTF-8 there, of which no character takes more than three bytes. Answers how many bytes. */
export function writeMessage(text: string): number {
  messageText = undefined;
  return message.write(text);
}

/** Puts the bytes of base64 there. Answers how many, or -1 for what is not base64 or does not fit. */
export function readMessage(base64: string): number {
  messageLength = decodeBase64(base64, message);
  messageText = base64;
  return messageLength;
}

/** As `readMessage`, of what may be there already. Two texts that differ late take a third of that to compare. */
export const readMessageAgain = (base64: string): number =>
  base64 === messageText ? messageLength : readMessage(base64);

export const sha256 = (bytes: Uint8Array): Uint8Array => fromLatin1(hash("sha256", bytes, "binary"));

/** In hex, of 32 bytes in hex, in either case; `undefined` for any other text. */
export function sha256OfHex(hex: string): string | undefined {
  if (hex !== hexText) {
    hexText = undefined;
    // Node stops at what is no digit.
    if (hex.length !== 64 || hexBytes.write(hex, "hex") !== 32 || WIDE.test(hex)) return undefined;
    hexText = hex;
  }
  return hash("sha256", hexBytes, "hex");
}

/** The 64 lower-case hex digits with which a text ends; `undefined` where others are there. */
export function lowerHexAtEnd(text: string): string | undefined {
  const start = text.length - 64;
  hexText = undefined;
  // Not by an expression: which of its two ranges a digit is in is random, and each wrong guess of the processor costs more
  // than the digit. Not of a slice, whose characters are slower to read.
  let others = 0;
  for (let i = 0; i < 32; i++) {
    const high = text.charCodeAt(start + 2 * i);
    const low = text.charCodeAt(start + 2 * i + 1);
    const byte = ((DIGITS[high & 0xff] as number) << 4) | (DIGITS[low & 0xff] as number);
    hexBytes[i] = byte;
    others |= (byte | high | low) >> 8;
  }
  if (start < 0 || others) return undefined;
  hexText = text.slice(start);
  return hexText;
}

/** By character: 0 to 15, or for what is no digit a number that fits into no byte, wherever it stands in it. */
const DIGITS = Uint16Array.from({ length: 256 }, (_, code) => {
  const digit = "0123456789abcdef".indexOf(String.fromCharCode(code));
  return digit < 0 ? 0x100 : digit;
});

/**
 * SECURITY: a symbol, because a key of another copy of this package, as ESM and CommonJS are, signs what stands in a message
 * of its own, whatever the token says (usual-token.test.ts, "another copy of this package").
 */
export const signMessage = Symbol("signMessage");

export interface Signer {
  sign(bytes: Uint8Array): Uint8Array;
  /** Signs the first bytes of `message`; the signature is base64url. */
  [signMessage](length: number): string;
}

/** A key as it comes before a message, and before that hash, for which there is room. */
interface Pads {
  inner: Uint8Array;
  outer: Uint8Array;
}

/** HMAC-SHA256 with a key that is used often: it keeps its padded key. */
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

/** Its key is only where it is used. */
const oncePads: Pads = { inner, outer: new Uint8Array(BLOCK + 32) };

/** HMAC-SHA256 with a key that is used once, of bytes or of a text's UTF-8. */
export function hmacSha256(secret: Uint8Array, content: Uint8Array | string): Uint8Array {
  innerPads = undefined;
  pad(secret, oncePads);
  if (typeof content !== "string") return signBytes(content, oncePads);
  if (3 * content.length > LENGTH) return signBytes(bytesOf(content), oncePads);
  return fromLatin1(hashTwice(paddedMessage(writeMessage(content)), oncePads, "binary"));
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

/** With the padded key that is there. */
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
  return fromLatin1(hashTwice(padded, pads, "binary"));
}

/** By length, since to make one costs a tenth of a hash. */
const paddedMessages = new Array<Uint8Array | undefined>(LENGTH + 1);

function paddedMessage(length: number): Uint8Array {
  const known = paddedMessages[length];
  if (known) return known;
  const padded = inner.subarray(0, BLOCK + length);
  paddedMessages[length] = padded;
  return padded;
}

/** The padded key comes first both times. */
function hashTwice(padded: Uint8Array, { outer }: Pads, encoding: "binary" | "base64url"): string {
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

/** How many bytes it wrote; -1 for what is not base64, standard or URL-safe, padded or not, and for what does not fit. */
function decodeBase64(base64: string, target: Buffer): number {
  const { length: all } = base64;
  const padding = base64.charCodeAt(all - 1) !== EQUALS ? 0 : base64.charCodeAt(all - 2) !== EQUALS ? 1 : 2;
  const digits = base64.length - padding;
  const last = LAST_DIGITS[digits % 4];
  if (last === undefined || (padding > 0 && base64.length % 4 > 0)) return -1;
  // One value has one spelling, so the bits of the last digit that no byte needs are zero.
  if (last && !last.includes(base64.charAt(digits - 1))) return -1;
  // Node passes over what is no digit, and then has fewer bytes to write.
  const length = target.write(base64, "base64");
  return length === (digits * 3) >> 2 && !WIDE.test(base64) ? length : -1;
}

const EQUALS = 61;
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
