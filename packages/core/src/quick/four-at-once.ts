import { bytesOf } from "../bytes.ts";

// Bytes, looked at four at once: one at a time takes three times as long. Where a range is checked, each of the four counts
// for itself: what is below it borrows from the next one, and is wrong by that already.

/** Four or more characters of ASCII. */
export interface Literal {
  length: number;
  /** Each is four of them; the last four may be some of those before. */
  fours: Int32Array;
}

export function literal(text: string): Literal {
  const bytes = new DataView(bytesOf(text).buffer);
  const starts = Array.from({ length: Math.ceil(text.length / 4) }, (_, i) => Math.min(4 * i, text.length - 4));
  return { length: text.length, fours: Int32Array.from(starts, (start) => bytes.getInt32(start, true)) };
}

/** Whether it is there. */
export function isAt({ length, fours }: Literal, bytes: DataView, at: number): boolean {
  const last = fours.length - 1;
  for (let i = 0; i < last; i++) if (bytes.getInt32(at + 4 * i, true) !== fours[i]) return false;
  return bytes.getInt32(at + length - 4, true) === fours[last];
}

/** Whether lower-case hex digits are at `start`, so many that four divide them. */
export function isLowerHex(bytes: DataView, start: number, digits: number): boolean {
  let wrong = 0;
  for (let i = start; i < start + digits; i += 4) {
    const four = bytes.getInt32(i, true);
    const isLetter = (four & 0x40404040) >>> 6;
    // From "0" or from "a".
    const value = four - (0x30303030 + isLetter * 0x31);
    // Ten digits and six letters: all others are 16 and more, or are lifted there.
    wrong |= (four & 0x80808080) | ((value | (value + 0x06060606 + isLetter * 4)) & 0xf0f0f0f0);
  }
  return wrong === 0;
}

/** Whether the first bytes, four or more, are printable ASCII. */
export function isPrintable(bytes: DataView, length: number): boolean {
  let wrong = 0;
  for (let i = 0; i < length; i += 4) {
    // The last four may be some of those before.
    const four = bytes.getInt32(Math.min(i, length - 4), true);
    wrong |= (four | (four - 0x20202020) | (four + 0x01010101)) & 0x80808080;
  }
  return wrong === 0;
}
