import { bytesOfBase64 } from "#crypto";
import { bytesOf, textOfBytes, toBase64 } from "../../bytes.ts";
import { L402Error } from "../../errors.ts";

// Binary macaroons, version 2, as gopkg.in/macaroon.v2 writes them, with first-party caveats only:
//
//   macaroon          = 0x02 [field(1, location)] field(2, identifier) 0x00 *(field(2, caveat) 0x00) 0x00 field(6, signature)
//   field(tag, data)  = tag varint(length of data) data

/**
 * The parts of a macaroon, as written. None of them is proven. Those that were read from base64 are valid until the next
 * token is read: copying 66 bytes would take longer than three hashes.
 */
export interface Macaroon {
  /** A hint for people. No signature covers the location. */
  location: string;
  identifier: Uint8Array;
  caveats: readonly string[];
  signature: Uint8Array;
}

/** The longest macaroon that can be read. */
const MAX_MACAROON_BYTES = 4096;
/** The most caveats: eight by the seller and sixteen by holders. */
export const MAX_MACAROON_CAVEATS = 24;

/** Writes a macaroon as standard base64 with padding, because clients of Aperture read no other form. */
export const macaroonToText = (macaroon: Macaroon): string => toBase64(encodeMacaroon(macaroon));

/** Reads a macaroon from base64, standard or URL-safe, padded or not. Throws CREDENTIAL_MALFORMED. */
export function macaroonFromText(token: string): Macaroon {
  if (token?.length > MAX_TEXT) throw malformed("is longer than 4096 bytes");
  const bytes = typeof token === "string" ? bytesOfBase64(token) : undefined;
  if (!bytes) throw malformed("is not base64");
  return decodeMacaroon(bytes);
}

/** Writes a macaroon as bytes. */
export function encodeMacaroon({ location, identifier, caveats, signature }: Macaroon): Uint8Array {
  const bytes = [VERSION];
  if (location) writeField(bytes, LOCATION, bytesOf(location));
  writeField(bytes, IDENTIFIER, identifier);
  bytes.push(END);
  for (const caveat of caveats) {
    writeField(bytes, IDENTIFIER, bytesOf(caveat));
    bytes.push(END);
  }
  bytes.push(END);
  writeField(bytes, SIGNATURE, signature);
  return Uint8Array.from(bytes);
}

/**
 * Reads a macaroon from bytes. Throws CREDENTIAL_MALFORMED.
 *
 * SECURITY: every macaroon that can be read is written back as the same bytes. So one macaroon has one spelling, and no
 * part of it escapes the checks (test: macaroon-codec.test.ts, "reads only what it would write").
 */
export function decodeMacaroon(bytes: Uint8Array): Macaroon {
  if (bytes.length > MAX_MACAROON_BYTES) throw malformed("is longer than 4096 bytes");
  const cursor = { bytes, at: 0 };
  const { location, identifier } = readHeader(cursor);
  const caveats: string[] = [];
  while (bytes[cursor.at] !== END) {
    if (caveats.length === MAX_MACAROON_CAVEATS) throw malformed("has more than 24 caveats");
    // A caveat with a location before it or a verification id after it is a third-party caveat, which is refused here.
    caveats.push(printable(readField(cursor, IDENTIFIER)));
    expectByte(cursor, END);
  }
  expectByte(cursor, END);
  const signature = readField(cursor, SIGNATURE);
  if (signature.length !== 32) throw malformed("has a signature that is not 32 bytes");
  if (cursor.at !== bytes.length) throw malformed("goes on after its signature");
  return { location, identifier, caveats, signature };
}

/** True for a text that can be a caveat or a location. */
export const isPrintable = (text: unknown): text is string => typeof text === "string" && /^[ -~]+$/.test(text);

const VERSION = 2;
const END = 0;
const LOCATION = 1;
const IDENTIFIER = 2;
const SIGNATURE = 6;
/** The length of the longest macaroon in base64. */
const MAX_TEXT = 5464;

interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

function readHeader(cursor: Cursor): { location: string; identifier: Uint8Array } {
  expectByte(cursor, VERSION);
  const location = cursor.bytes[cursor.at] === LOCATION ? printable(readField(cursor, LOCATION)) : "";
  const identifier = readField(cursor, IDENTIFIER);
  expectByte(cursor, END);
  return { location, identifier };
}

function readField(cursor: Cursor, tag: number): Uint8Array {
  expectByte(cursor, tag);
  const length = readVarint(cursor);
  const start = cursor.at;
  if (length > cursor.bytes.length - start) throw malformed("ends too early");
  cursor.at += length;
  return cursor.bytes.subarray(start, cursor.at);
}

/** Reads a length of at most two bytes, which is enough for a macaroon within the limits. */
function readVarint(cursor: Cursor): number {
  const low = cursor.bytes[cursor.at++] ?? 0;
  if (low < 0x80) return low;
  const high = cursor.bytes[cursor.at++] ?? 0;
  if (high === 0 || high >= 0x80) throw malformed("has a length that is too large or not written in the shortest way");
  return (high << 7) | (low & 0x7f);
}

function expectByte(cursor: Cursor, byte: number): void {
  if (cursor.bytes[cursor.at++] !== byte) throw malformed("is not a version 2 macaroon with first-party caveats");
}

function printable(bytes: Uint8Array): string {
  // `textOfBytes` keeps a byte order mark. Without it, the text would stand for other bytes than the signed ones.
  const text = textOfBytes(bytes);
  if (!isPrintable(text)) throw malformed("has a caveat or location that is not printable ASCII");
  return text;
}

function writeField(target: number[], tag: number, data: Uint8Array): void {
  target.push(tag);
  let length = data.length;
  for (; length >= 0x80; length >>>= 7) target.push((length & 0x7f) | 0x80);
  target.push(length);
  for (const byte of data) target.push(byte);
}

const malformed = (what: string) => new L402Error("CREDENTIAL_MALFORMED", `The token ${what}.`);
