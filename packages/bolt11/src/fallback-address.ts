import type { FallbackAddress } from "./decoded-invoice.ts";
import { invalidField } from "./invalid-field.ts";
import { InvoiceMalformedError } from "./invoice-malformed-error.ts";
import { hexOfWords } from "./read-words.ts";
import { bytesOfHex, wordsOfBytes } from "./write-words.ts";

/** Reads the address of an `f` field; `undefined` for future versions, which a reader skips. */
export function readFallbackAddress(words: Uint8Array, start: number, end: number): FallbackAddress | undefined {
  const version = start < end ? (words[start] as number) : -1;
  if (version > 18) return undefined;
  const program = version < 0 ? "" : hexOfWords(words, start + 1, end);
  if (!isProgram(version, program.length / 2))
    throw new InvoiceMalformedError("The invoice has a fallback address of the wrong length.");
  return { version, program };
}

/** Encodes an `f` field into words. */
export function writeFallbackAddress({ version, program }: FallbackAddress): number[] {
  const bytes = bytesOfHex(program, "fallbackAddresses.program");
  if (!Number.isInteger(version) || version < 0 || version > 18 || !isProgram(version, bytes.length))
    throw invalidField("fallbackAddresses has a version or program length that does not exist.");
  return [version, ...wordsOfBytes(bytes)];
}

function isProgram(version: number, length: number): boolean {
  if (version === 17 || version === 18) return length === 20;
  return version === 0 ? length === 20 || length === 32 : length >= 2 && length <= 40;
}
