// Decodes 5-bit words into values. `start` is the first word, `end` the one after the last.
import { InvoiceMalformedError } from "./invoice-malformed-error.ts";

/** Decodes words into bytes. */
export function bytesOfWords(words: Uint8Array, start: number, end: number): Uint8Array {
  refusePadding(words, start, end);
  const bytes = new Uint8Array(((end - start) * 5) >> 3);
  let length = 0;
  let buffer = 0;
  let bits = 0;
  for (let i = start; i < end; i++) {
    buffer = ((buffer << 5) | (words[i] as number)) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[length++] = buffer >> bits;
    }
  }
  return bytes;
}

/** Decodes words into bytes, as lower-case hex. */
export const hexOfWords = (words: Uint8Array, start: number, end: number): string =>
  hexOfBytes(bytesOfWords(words, start, end));

/** Bytes as lower-case hex. */
export function hexOfBytes(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX[byte];
  return text;
}

const HEX = /* @__PURE__ */ Array.from({ length: 256 }, (_, byte) => (byte + 256).toString(16).slice(1));

/** Decodes words into UTF-8 text. */
export function textOfWords(words: Uint8Array, start: number, end: number): string {
  const bytes = bytesOfWords(words, start, end);
  const codes: number[] = new Array(bytes.length);
  let all = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    codes[i] = byte;
    all |= byte;
  }
  // Most descriptions are ASCII. For those, a TextDecoder costs more than the rest of this function.
  if (all < 128) return String.fromCharCode(...codes);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new InvoiceMalformedError("The invoice's description is not valid UTF-8.");
  }
}

/** Decodes words into a whole number. */
export function integerOfWords(words: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) {
    value = value * 32 + (words[i] as number);
    if (value > Number.MAX_SAFE_INTEGER)
      throw new InvoiceMalformedError("The invoice has a number that is out of range.");
  }
  return value;
}

/** Refuses leading zeros, as the specification requires for numbers and feature bits. */
export function refuseLeadingZeros(words: Uint8Array, start: number, end: number): void {
  if (start < end && words[start] === 0) throw new InvoiceMalformedError("The invoice has a field with leading zeros.");
}

function refusePadding(words: Uint8Array, start: number, end: number): void {
  const bits = ((end - start) * 5) & 7;
  // LND refuses other padding too: writers pad with zeros.
  if (bits > 4 || (words[end - 1] as number) & ((1 << bits) - 1))
    throw new InvoiceMalformedError("The invoice has a field with wrong padding.");
}
