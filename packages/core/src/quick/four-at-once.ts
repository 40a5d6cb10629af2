import { bytesOf } from "../bytes.ts";

// Compares and checks bytes four at a time, because one at a time takes three times as long. In a check of a range,
// each byte of the four counts by itself: a byte below the range borrows from the next one, but then the check has
// failed already.

/** A text of four or more ASCII characters. */
export interface Literal {
  length: number;
  /** Four characters each. The last four may overlap those before. */
  fours: Int32Array;
}

export function literal(text: string): Literal {
  const bytes = new DataView(bytesOf(text).buffer);
  const starts = Array.from({ length: Math.ceil(text.length / 4) }, (_, i) => Math.min(4 * i, text.length - 4));
  return { length: text.length, fours: Int32Array.from(starts, (start) => bytes.getInt32(start, true)) };
}

/** True if the literal is in `bytes` at `at`. */
export function isAt({ length, fours }: Literal, bytes: DataView, at: number): boolean {
  const last = fours.length - 1;
  for (let i = 0; i < last; i++) if (bytes.getInt32(at + 4 * i, true) !== fours[i]) return false;
  return bytes.getInt32(at + length - 4, true) === fours[last];
}

/**
 * Returns the values of four lower-case hex digits, each in a byte of its own. If one is another character, a bit of
 * `TOO_LARGE` is set.
 */
function hexValues(four: number): number {
  const isLetter = (four & 0x40404040) >>> 6;
  // The distance from "0", or from "a" for a letter.
  const value = four - (0x30303030 + isLetter * 0x31);
  // There are ten digits and six letters. For any other character the sum reaches 16 or more.
  const others = (four & 0x80808080) | ((value | (value + 0x06060606 + isLetter * 4)) & TOO_LARGE);
  return others | (value + isLetter * 10);
}

const TOO_LARGE = 0xf0f0f0f0;

/** True if lower-case hex digits start at `start`. `digits` must be a multiple of four. */
export function isLowerHex(bytes: DataView, start: number, digits: number): boolean {
  let values = 0;
  for (let i = start; i < start + digits; i += 4) values |= hexValues(bytes.getInt32(i, true));
  return (values & TOO_LARGE) === 0;
}

/** Decodes lower-case hex digits until `target`, of a multiple of two bytes, is full. False if one is none. */
export function decodeLowerHex(digits: DataView, target: Uint8Array): boolean {
  let all = 0;
  for (let i = 0; i < target.length; i += 2) {
    const values = hexValues(digits.getInt32(2 * i, true));
    all |= values;
    target[i] = (values << 4) | (values >> 8);
    target[i + 1] = (values >> 12) | (values >> 24);
  }
  return (all & TOO_LARGE) === 0;
}

/** True if the first `length` bytes (at least four) are printable ASCII. */
export function isPrintable(bytes: DataView, length: number): boolean {
  let wrong = 0;
  for (let i = 0; i < length; i += 4) {
    // The last four may overlap those before.
    const four = bytes.getInt32(Math.min(i, length - 4), true);
    wrong |= (four | (four - 0x20202020) | (four + 0x01010101)) & 0x80808080;
  }
  return wrong === 0;
}
