import { type Buffer, message, readMessageAgain, signMessage } from "#crypto";
import type { TokenClaims } from "../interfaces/token-format.ts";
import type { KeyRing } from "../token/key-ring.ts";
import { isAt, isLowerHex, isPrintable, literal } from "./four-at-once.ts";
import type { UsualKey } from "./sign-usual-head.ts";

/**
 * Reads the token that nearly every request brings: exactly as `mint` writes it, with no optional field, no escaped
 * character and no caveat. Its fields are where `mint` puts them, so this takes half the time of `authenticateAny`.
 * Returns `undefined` for any other token, which is then left to `authenticateAny`, and "forged" if the signature is
 * not ours.
 *
 * SECURITY: the answer is never different from that of `authenticateAny` (usual-token.test.ts, "the same as the way for
 * all tokens"). As there, no claim is read before the signature holds.
 */
export function readUsualToken(token: string, keys: KeyRing): TokenClaims | "forged" | undefined {
  const bytes = message;
  const length = readMessageAgain(token);
  const end = length - SIGNATURE_LENGTH;
  const signature = end + SIGNATURE.length;
  // A bracket would end a list of caveats.
  if (end < 0 || !isAt(START, view, 0) || !isAt(SIGNATURE, view, end)) return undefined;
  if (bytes[length - 2] !== QUOTE || bytes[length - 1] !== BRACE || bytes[end - 1] === BRACKET) return undefined;
  const keyIdEnd = endOf(NAME, bytes, START.length);
  const key = keyAt(START.length, keyIdEnd, bytes, keys);
  // A key ring that other code made may have other keys.
  if (key && !key[signMessage]) return undefined;
  if (!key?.[signMessage] || !isSame(key[signMessage](end), bytes, signature)) {
    // `authenticateAny` reports what else is wrong with the token.
    return isPrintable(view, length) ? "forged" : undefined;
  }

  const id = keyIdEnd + ID.length;
  const hash = id + ID_LENGTH + HASH.length;
  const expiry = hash + HASH_LENGTH + EXPIRY.length;
  const resource = expiry + EXPIRY_LENGTH + RESOURCE.length;
  const isUsual =
    isAt(ID, view, keyIdEnd) &&
    areAll(NAME, bytes, id, ID_LENGTH) &&
    isAt(HASH, view, id + ID_LENGTH) &&
    isLowerHex(view, hash, HASH_LENGTH) &&
    isAt(EXPIRY, view, hash + HASH_LENGTH) &&
    isAt(RESOURCE, view, expiry + EXPIRY_LENGTH);
  if (!isUsual) return undefined;
  const resourceEnd = endOf(PLAIN, bytes, resource);
  const amount = resourceEnd + AMOUNT.length;
  const amountEnd = endOf(DIGIT, bytes, amount);
  const uses = amountEnd + USES.length;
  if (!isAt(AMOUNT, view, resourceEnd) || !isAt(USES, view, amountEnd)) return undefined;
  const isUnlimited = isAt(UNLIMITED, view, uses);
  const usesEnd = isUnlimited ? uses + UNLIMITED.length : endOf(DIGIT, bytes, uses);
  const seconds = numberIn(bytes, expiry, expiry + EXPIRY_LENGTH);
  const amountMsat = numberIn(bytes, amount, amountEnd);
  const limit = isUnlimited ? "unlimited" : numberIn(bytes, uses, usesEnd);
  if (usesEnd !== end || !seconds || !amountMsat || !limit) return undefined;
  const text = bytes.toString("latin1", id, resourceEnd);
  return {
    paymentHash: text.slice(hash - id, hash - id + HASH_LENGTH),
    resource: text.slice(resource - id),
    amountMsat,
    uses: limit,
    expiresAt: new Date(seconds * 1000),
    tokenId: text.slice(0, ID_LENGTH),
  };
}

/** A view of `message` and of the zeros after it: in an incomplete token, a field may begin there. */
const view = new DataView(message.buffer, message.byteOffset);

const START = literal('{"v":1,"kid":"');
const ID = literal('","id":"');
const HASH = literal('","hash":"');
const EXPIRY = literal('","exp":');
const RESOURCE = literal(',"res":"');
const AMOUNT = literal('","msat":');
const USES = literal(',"uses":');
const UNLIMITED = literal('"unlimited"');
const SIGNATURE = literal(',"sig":"');
/** The length with 43 characters and `"}` after it. */
const SIGNATURE_LENGTH = SIGNATURE.length + 43 + 2;
const ID_LENGTH = 22;
const HASH_LENGTH = 64;
/** Enough until the year 2286. */
const EXPIRY_LENGTH = 10;
const BRACKET = 93;
const BRACE = 125;
const QUOTE = 34;
const ZERO = 48;

// The kinds of characters, one bit each.
const NAME = 1;
const DIGIT = 2;
const PLAIN = 4;
const KINDS = new Uint8Array(256);
mark(NAME | DIGIT, "09");
mark(NAME, "AZ", "az", "--", "__");
// All printable characters but the two that JSON escapes.
mark(PLAIN, " !", "#[", "]~");

function mark(kinds: number, ...ranges: string[]): void {
  for (const range of ranges) {
    for (let code = range.charCodeAt(0); code <= range.charCodeAt(1); code++) KINDS[code] = (KINDS[code] ?? 0) | kinds;
  }
}

/** Returns the end of the run of characters of one kind that starts at `at`. */
function endOf(kind: number, bytes: Uint8Array, at: number): number {
  let end = at;
  while ((KINDS[bytes[end] as number] as number) & kind) end++;
  return end;
}

function areAll(kind: number, bytes: Uint8Array, at: number, length: number): boolean {
  let kinds = kind;
  for (let i = at; i < at + length; i++) kinds &= KINDS[bytes[i] as number] as number;
  return kinds === kind;
}

/** Reads a number in its only spelling. Returns 0 for any other text, and for more digits than are always exact. */
function numberIn(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > 15 || bytes[start] === ZERO) return 0;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = (bytes[i] as number) - ZERO;
    if (digit < 0 || digit > 9) return 0;
    value = value * 10 + digit;
  }
  return value;
}

function keyAt(start: number, end: number, bytes: Buffer, keys: KeyRing): UsualKey | undefined {
  const { current } = keys;
  if (current.id.length === end - start && isSame(current.id, bytes, start)) return current;
  return keys.find(bytes.toString("latin1", start, end));
}

/** True if `text` is in `bytes` at `at`. Compares in constant time. */
function isSame(text: string, bytes: Uint8Array, at: number): boolean {
  let difference = 0;
  for (let i = 0; i < text.length; i++) difference |= text.charCodeAt(i) ^ (bytes[at + i] as number);
  return difference === 0;
}
