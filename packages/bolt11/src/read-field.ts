// Functions that read the same kind of value for every tagged field.
import { InvoiceMalformedError } from "./invoice-malformed-error.ts";
import { hexOfWords, integerOfWords, refuseLeadingZeros } from "./read-words.ts";
import { HASH_LENGTH } from "./tags.ts";

/** A field starts with one word for its type and two for the length of its data. */
export const FIELD_HEADER_LENGTH = 3;

/** Returns the index where the field that starts at `start` ends. */
export function endOfField(words: Uint8Array, start: number, end: number): number {
  const next = start + FIELD_HEADER_LENGTH + (words[start + 1] as number) * 32 + (words[start + 2] as number);
  if (next > end) throw new InvoiceMalformedError("The invoice has a field that is cut off.");
  return next;
}

/**
 * Reads a hash or secret; `undefined` if its length is wrong. The specification says "fail", but its valid examples
 * skip such a field.
 */
export function readHash(words: Uint8Array, start: number, end: number): string | undefined {
  return end - start === HASH_LENGTH ? hexOfWords(words, start, end) : undefined;
}

export function readInteger(words: Uint8Array, start: number, end: number): number {
  refuseLeadingZeros(words, start, end);
  return integerOfWords(words, start, end);
}
