import { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import { bytesOf, toBase64Url } from "../bytes.ts";

// What Node does several times as fast as code that runs everywhere, which is `web.ts`. One-shot hashes are four times as
// fast as hash and HMAC objects. They answer text ("binary" is latin1), because a Buffer costs more than its hash.

const BLOCK = 64;
/** As long as a token can be. Longer messages get memory of their own. */
const LENGTH = 4096;

const utf8 = new TextEncoder();
// Shared by all calls: to allocate would take longer than what is done in it. No call waits for anything meanwhile.
const decoded = new Uint8Array(LENGTH);
const decodedText = Buffer.from(decoded.buffer);
const onceInner = new Uint8Array(BLOCK + LENGTH);
const onceOuter = new Uint8Array(BLOCK + 32);

export const sha256 = (bytes: Uint8Array): Uint8Array => fromLatin1(hash("sha256", bytes, "binary"));

export const sha256Hex = (bytes: Uint8Array): string => hash("sha256", bytes, "hex");

export interface Signer {
  sign(bytes: Uint8Array): Uint8Array;
  /** The same of a text's UTF-8, as base64url. */
  signText(text: string): string;
}

/** HMAC-SHA256 with a key that is used often: it keeps its padded key, with room for the messages. */
export function createSigner(secret: Uint8Array): Signer {
  const inner = new Uint8Array(BLOCK + LENGTH);
  const outer = new Uint8Array(BLOCK + 32);
  const message = inner.subarray(BLOCK);
  pad(secret, inner, outer);
  /** Of the first bytes of `message`. */
  const hashOuter = (length: number, encoding: "binary" | "base64url") => {
    writeLatin1(hash("sha256", inner.subarray(0, BLOCK + length), "binary"), outer, BLOCK);
    return hash("sha256", outer, encoding);
  };
  return {
    sign(bytes) {
      if (bytes.length > LENGTH) return hmacSha256(secret, bytes);
      message.set(bytes);
      return fromLatin1(hashOuter(bytes.length, "binary"));
    },
    signText(text) {
      const { read, written } = utf8.encodeInto(text, message);
      return read < text.length ? toBase64Url(hmacSha256(secret, bytesOf(text))) : hashOuter(written, "base64url");
    },
  };
}

/** HMAC-SHA256 with a key that is used once. */
export function hmacSha256(secret: Uint8Array, bytes: Uint8Array): Uint8Array {
  const inner = bytes.length <= LENGTH ? onceInner : new Uint8Array(BLOCK + bytes.length);
  pad(secret, inner, onceOuter);
  inner.set(bytes, BLOCK);
  writeLatin1(hash("sha256", inner.subarray(0, BLOCK + bytes.length), "binary"), onceOuter, BLOCK);
  return sha256(onceOuter);
}

function pad(secret: Uint8Array, inner: Uint8Array, outer: Uint8Array): void {
  const key = secret.length > BLOCK ? sha256(secret) : secret;
  inner.fill(0x36, 0, BLOCK);
  outer.fill(0x5c, 0, BLOCK);
  for (let i = 0; i < key.length; i++) {
    inner[i] = 0x36 ^ (key[i] as number);
    outer[i] = 0x5c ^ (key[i] as number);
  }
}

export const base64OfBytes = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64url");

/** A text as base64url of its bytes, without padding. */
export function base64OfText(text: string): string {
  if (3 * text.length > LENGTH) return toBase64Url(bytesOf(text));
  return decodedText.toString("base64url", 0, decodedText.write(text));
}

/** The bytes of base64 as this library writes it, URL-safe or padded, until the next call; of other spellings perhaps. */
export function bytesOfBase64(base64: string): Uint8Array | undefined {
  const length = decodedText.write(base64, "base64");
  // Node skips characters that are not base64, so only what it would write itself is known to be right.
  const isOurs = (encoding: "base64url" | "base64") => decodedText.toString(encoding, 0, length) === base64;
  return isOurs("base64url") || isOurs("base64") ? decoded.subarray(0, length) : undefined;
}

function fromLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(32);
  writeLatin1(text, bytes, 0);
  return bytes;
}

function writeLatin1(text: string, target: Uint8Array, offset: number): void {
  for (let i = 0; i < 32; i++) target[offset + i] = text.charCodeAt(i);
}
