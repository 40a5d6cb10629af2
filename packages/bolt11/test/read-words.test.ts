import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOfWords, hexOfBytes, hexOfWords, integerOfWords, textOfWords } from "../src/read-words.ts";
import { bytesOfHex, wordsOfBytes, wordsOfInteger, wordsOfText } from "../src/write-words.ts";
import { refusalOf } from "./refusal.ts";

/** With foreign words on both sides, as inside an invoice. */
const surround = (words: readonly number[]) => Uint8Array.from([31, 17, ...words, 31, 31, 31]);
type Read<Value> = (words: Uint8Array, start: number, end: number) => Value;
const inside = <Value>(words: readonly number[], read: Read<Value>) => read(surround(words), 2, 2 + words.length);

describe("words", () => {
  it("hold bytes of every length", () => {
    for (const length of [...Array.from({ length: 81 }, (_, i) => i), 635, 636, 637, 638, 639]) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 37 + length) & 255);
      const words = wordsOfBytes(bytes);
      const hex = Buffer.from(bytes).toString("hex");
      expect(words).toHaveLength(Math.ceil((length * 8) / 5));
      expect(inside(words, hexOfWords)).toBe(hex);
      expect(inside(words, bytesOfWords)).toEqual(bytes);
      expect(hexOfBytes(bytes)).toBe(hex);
      expect(bytesOfHex(hex, "hex")).toEqual(bytes);
    }
  });

  it("hold text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 100 }), (text) => {
        expect(inside(wordsOfText(text, "text"), textOfWords)).toBe(text);
      }),
      { numRuns: 1_000 },
    );
  });

  it("hold whole numbers in the fewest words", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        const words = wordsOfInteger(value, "value");
        expect(inside(words, integerOfWords)).toBe(value);
        expect(words[0]).not.toBe(0);
      }),
    );
    expect(wordsOfInteger(0, "value")).toEqual([]);
    expect(inside(wordsOfInteger(Number.MAX_SAFE_INTEGER, "value"), integerOfWords)).toBe(Number.MAX_SAFE_INTEGER);
  });

  it("refuse what is not padded with fewer than five zeros", () => {
    for (const read of [hexOfWords, bytesOfWords, textOfWords] as Read<unknown>[]) {
      for (const words of [[0], [0, 0, 0], [1, 2, 3, 4, 5, 6]]) {
        expect(refusalOf(() => inside(words, read)).message).toContain("padding");
      }
      for (const last of [1, 2, 3, 5, 31]) {
        expect(refusalOf(() => inside([0, last], read)).message).toContain("padding");
      }
      for (const last of [4, 8, 12, 16, 28]) expect(() => inside([0, last], read)).not.toThrow();
    }
  });
});
