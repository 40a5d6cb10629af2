import { type Buffer, decodeBase64, message } from "#crypto";
import { bytesOf } from "../bytes.ts";
import type { TokenClaims } from "../interfaces/token-format.ts";
import type { KeyRing } from "../token/key-ring.ts";
import { LAST_DATE } from "../token/signed-json/signed-json-claims.ts";
import type { UsualKey } from "./sign-head.ts";

/**
 * Reads the token that nearly every request brings: exactly as `mint` writes it, with nothing optional, nothing escaped and
 * no caveats. Its fields are where `mint` puts them, so it takes half the time of the way for all tokens. Answers
 * `undefined` for any other token, which then goes that way, and "forged" where the signature is not ours.
 *
 * SECURITY: never another answer than that way gives (usual-token.test.ts, "the same as the way for all tokens"), and as
 * there, nothing is read before the signature holds.
 */
export function readUsualToken(token: string, keys: KeyRing): TokenClaims | "forged" | undefined {
  const bytes = message;
  const length = decodeBase64(token, bytes);
  const end = length - SIGNATURE_LENGTH;
  const keyId = behind(START, bytes, 0);
  const signature = behind(SIGNATURE, bytes, end);
  // A bracket ends a list of caveats.
  if (keyId < 0 || signature < 0 || behind(END, bytes, length - 2) < 0 || bytes[end - 1] === BRACKET) return undefined;
  const key = keyAt(keyId, bytes, keys);
  // A key ring that somebody else made may have other keys.
  if (key && !key.signMessage) return undefined;
  if (!key?.signMessage || !isAt(key.signMessage(end), bytes, signature)) {
    return isWellFormed(bytes, signature) ? "forged" : undefined;
  }

  const keyIdEnd = keyId + key.id.length;
  const id = behind(ID, bytes, keyIdEnd);
  const idEnd = endOf(NAME, bytes, id);
  const hash = behind(HASH, bytes, idEnd);
  const hashEnd = endOf(HEX, bytes, hash);
  const expiry = behind(EXPIRY, bytes, hashEnd);
  const expiryEnd = endOf(DIGIT, bytes, expiry);
  const resource = behind(RESOURCE, bytes, expiryEnd);
  const resourceEnd = endOf(PLAIN, bytes, resource);
  const amount = behind(AMOUNT, bytes, resourceEnd);
  const amountEnd = endOf(DIGIT, bytes, amount);
  const uses = behind(USES, bytes, amountEnd);
  const unlimited = behind(UNLIMITED, bytes, uses);
  const usesEnd = unlimited < 0 ? endOf(DIGIT, bytes, uses) : unlimited;
  // A step that found nothing leaves nothing to find for the next ones.
  if (usesEnd !== end || hashEnd - hash !== 64) return undefined;
  const seconds = numberIn(bytes, expiry, expiryEnd);
  const amountMsat = numberIn(bytes, amount, amountEnd);
  const limit = unlimited < 0 ? numberIn(bytes, uses, usesEnd) : "unlimited";
  if (!seconds || seconds > LAST_DATE || !amountMsat || !limit) return undefined;
  const text = bytes.toString("latin1", 0, end);
  return {
    paymentHash: text.slice(hash, hashEnd),
    resource: text.slice(resource, resourceEnd),
    amountMsat,
    uses: limit,
    expiresAt: new Date(seconds * 1000),
    tokenId: text.slice(id, idEnd),
  };
}

const START = bytesOf('{"v":1,"kid":"');
const ID = bytesOf('","id":"');
const HASH = bytesOf('","hash":"');
const EXPIRY = bytesOf('","exp":');
const RESOURCE = bytesOf(',"res":"');
const AMOUNT = bytesOf('","msat":');
const USES = bytesOf(',"uses":');
const UNLIMITED = bytesOf('"unlimited"');
const SIGNATURE = bytesOf(',"sig":"');
const END = bytesOf('"}');
/** With 43 characters in between. */
const SIGNATURE_LENGTH = SIGNATURE.length + 43 + END.length;
const BRACKET = 93;
const QUOTE = 34;
const ZERO = 48;

/** Where `part` ends if it starts at `at`; -1 otherwise. */
function behind(part: Uint8Array, bytes: Uint8Array, at: number): number {
  if (at < 0) return -1;
  for (let i = 0; i < part.length; i++) if (bytes[at + i] !== part[i]) return -1;
  return at + part.length;
}

// Kinds of characters, one bit each.
const NAME = 1;
const HEX = 2;
const DIGIT = 4;
const PLAIN = 8;
const PRINTABLE = 16;
const KINDS = Uint8Array.from({ length: 256 }, (_, code) => {
  const kinds = [/[\w-]/, /[0-9a-f]/, /\d/, /[ !#-[\]-~]/, /[ -~]/];
  return kinds.reduce((sum, kind, i) => sum | (kind.test(String.fromCharCode(code)) ? 1 << i : 0), 0);
});

/** Where the characters of a kind end that start at `at`. */
function endOf(kind: number, bytes: Uint8Array, at: number): number {
  if (at < 0) return -1;
  let end = at;
  while ((KINDS[bytes[end] as number] as number) & kind) end++;
  return end;
}

function areAll(kind: number, bytes: Uint8Array, start: number, end: number): boolean {
  let kinds = kind;
  for (let i = start; i < end; i++) kinds &= KINDS[bytes[i] as number] as number;
  return kinds === kind;
}

/** A number in its only spelling; 0 for any other text, and for more digits than are always exact. */
function numberIn(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > 15 || bytes[start] === ZERO) return 0;
  let value = 0;
  for (let i = start; i < end; i++) value = value * 10 + (bytes[i] as number) - ZERO;
  return value;
}

function keyAt(at: number, bytes: Buffer, keys: KeyRing): UsualKey | undefined {
  const { id } = keys.current;
  if (isAt(id, bytes, at) && bytes[at + id.length] === QUOTE) return keys.current;
  return keys.find(bytes.toString("latin1", at, endOf(NAME, bytes, at)));
}

/** Whether nothing but the signature is wrong with a token. Other tokens are refused for what else is. */
const isWellFormed = (bytes: Uint8Array, signature: number): boolean =>
  areAll(PRINTABLE, bytes, 0, signature) && areAll(NAME, bytes, signature, signature + 43);

/** Whether a text is there, in constant time. */
function isAt(text: string, bytes: Uint8Array, at: number): boolean {
  let difference = 0;
  for (let i = 0; i < text.length; i++) difference |= text.charCodeAt(i) ^ (bytes[at + i] as number);
  return difference === 0;
}
