import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeLowerHex, isAt, isLowerHex, isPrintable, literal } from "../src/quick/four-at-once.ts";

const viewOf = (bytes: ArrayLike<number>) => new DataView(Uint8Array.from(bytes).buffer);
const textOf = (bytes: ArrayLike<number>) => String.fromCharCode(...Array.from(bytes));
const isHexText = (bytes: ArrayLike<number>) => /^[0-9a-f]*$/.test(textOf(bytes));
const isPrintableText = (bytes: ArrayLike<number>) => /^[ -~]*$/.test(textOf(bytes));
/** Characters at the ends of the ranges, and some others. */
const byte = fc.oneof(
  fc.constantFrom(...Buffer.from("/09:@`afgAF ~\x1f\x7f\x80\xff\x00", "latin1")),
  fc.nat({ max: 255 }),
);

describe("four bytes at once", () => {
  it("are lower-case hex digits, or are not, next to any others", () => {
    for (const neighbour of [0x30, 0x39, 0x61, 0x66]) {
      for (let at = 0; at < 8; at++) {
        for (let code = 0; code < 256; code++) {
          const bytes = Array<number>(8).fill(neighbour).with(at, code);
          expect(isLowerHex(viewOf(bytes), 0, 8)).toBe(isHexText(bytes));
        }
      }
    }
    fc.assert(
      fc.property(fc.array(byte, { minLength: 4, maxLength: 4 }), (bytes) => {
        const decoded = Buffer.alloc(2);
        expect(isLowerHex(viewOf(bytes), 0, 4)).toBe(isHexText(bytes));
        expect(decodeLowerHex(viewOf(bytes), decoded)).toBe(isHexText(bytes));
      }),
      { numRuns: 20_000 },
    );
  });

  it("are the bytes that hex digits stand for", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (bytes) => {
        const decoded = Buffer.alloc(8);
        expect(decodeLowerHex(viewOf(Buffer.from(Buffer.from(bytes).toString("hex"))), decoded)).toBe(true);
        expect([...decoded]).toEqual([...bytes]);
      }),
    );
  });

  it("are printable, or are not, for every length", () => {
    for (let length = 4; length < 12; length++) {
      for (let at = 0; at < length; at++) {
        for (let code = 0; code < 256; code++) {
          const bytes = Array<number>(length).fill(0x7e).with(at, code);
          expect(isPrintable(viewOf([...bytes, 0, 0, 0, 0]), length)).toBe(isPrintableText(bytes));
        }
      }
    }
    fc.assert(
      fc.property(fc.array(byte, { minLength: 4, maxLength: 9 }), (bytes) => {
        expect(isPrintable(viewOf(bytes), bytes.length)).toBe(isPrintableText(bytes));
      }),
      { numRuns: 20_000 },
    );
  });

  it("are a literal, or differ from it in one place", () => {
    for (const text of ["abcd", "abcde", '","id":"', '","msat":', '","hash":"', '"unlimited"']) {
      const bytes = [...Buffer.from(`xx${text}xx`)];
      expect(isAt(literal(text), viewOf(bytes), 2)).toBe(true);
      expect(isAt(literal(text), viewOf(bytes), 1)).toBe(false);
      for (let at = 0; at < text.length; at++) {
        const changed = bytes.with(at + 2, (bytes[at + 2] as number) ^ 1);
        expect(isAt(literal(text), viewOf(changed), 2)).toBe(false);
      }
    }
  });
});
