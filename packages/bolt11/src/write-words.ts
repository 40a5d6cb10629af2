// Encodes values into the 5-bit words that read-words.ts decodes.
import { invalidField } from "./invalid-field.ts";

/** Encodes bytes into words, padded with zero bits. */
export function wordsOfBytes(bytes: ArrayLike<number>): number[] {
  const words: number[] = [];
  let buffer = 0;
  let bits = 0;
  for (let i = 0; i < bytes.length; i++) {
    buffer = ((buffer << 8) | (bytes[i] as number)) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      words.push((buffer >> bits) & 31);
    }
  }
  if (bits > 0) words.push((buffer << (5 - bits)) & 31);
  return words;
}

/** Encodes a whole number into the fewest words; 0 needs none. */
export function wordsOfInteger(value: number, name: string): number[] {
  if (!Number.isSafeInteger(value) || value < 0) throw invalidField(`${name} must be a whole number of at least 0.`);
  const words: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 32)) words.unshift(rest % 32);
  return words;
}

/** Encodes UTF-8 text into words. */
export function wordsOfText(text: string, name: string): number[] {
  if (typeof text !== "string") throw invalidField(`${name} must be a string.`);
  for (const character of text) {
    if (/^[\ud800-\udfff]$/.test(character)) throw invalidField(`${name} has half of a surrogate pair.`);
  }
  return wordsOfBytes(new TextEncoder().encode(text));
}

/** Decodes hex of either case into bytes. `length` is the expected number of bytes, if there is one. */
export function bytesOfHex(hex: string, name: string, length?: number): Uint8Array {
  if (typeof hex !== "string" || !/^([0-9a-f]{2})*$/i.test(hex) || (length !== undefined && hex.length !== 2 * length))
    throw invalidField(`${name} must be ${length === undefined ? "" : `${2 * length} `}hex digits.`);
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}
