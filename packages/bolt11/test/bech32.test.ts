import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBech32, encodeBech32, MAX_BECH32_LENGTH } from "../src/bech32.ts";
import { VALID } from "./bolt11-vectors.ts";
import { refusalOf } from "./refusal.ts";

const CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const messageOf = (text: string) => refusalOf(() => decodeBech32(text)).message;

const dataOf = (text: string) => {
  const { prefix, words, length } = decodeBech32(text);
  return { prefix, words: Array.from(words.subarray(0, length)) };
};

describe("bech32", () => {
  // From BIP 173.
  it.each([
    ["A12UEL5L", "a", ""],
    ["a12uel5l", "a", ""],
    ["abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "abcdef", CHARSET],
    [
      "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
      "split",
      "checkupstagehandshakeupstreamerranterredcaperred",
    ],
  ])("reads %s", (text, prefix, data) => {
    expect(dataOf(text)).toEqual({ prefix, words: Array.from(data, (character) => CHARSET.indexOf(character)) });
    expect(encodeBech32(prefix, Uint8Array.from(dataOf(text).words))).toBe(text.toLowerCase());
  });

  it.each([
    ["pzry9x0s0muk", "separator"],
    ["1pzry9x0s0muk", "separator"],
    ["", "separator"],
    ["x1b4n0q5v", "character"],
    ["li1dgmt3", "too short"],
    ["de1lg7wt\u00ff", "character"],
    ["A1G7SGD8", "checksum"],
    // Bech32m is another checksum.
    ["a1lqfn3a", "checksum"],
    ["A12uEL5L", "case"],
    ["Aa12UEL5L", "case"],
    ["aA12uel5l", "case"],
  ])("refuses %s: %s", (text, reason) => {
    expect(messageOf(text)).toContain(reason);
  });

  it("reads what it wrote, for any length", () => {
    const words = fc.uint8Array({ max: 31, maxLength: 700 });
    fc.assert(
      fc.property(fc.stringMatching(/^ln[a-z0-9]{0,20}$/), words, (prefix, data) => {
        const text = encodeBech32(prefix, data);
        expect(dataOf(text)).toEqual({ prefix, words: Array.from(data) });
        expect(dataOf(text.toUpperCase())).toEqual({ prefix, words: Array.from(data) });
      }),
      { numRuns: 500 },
    );
  });

  it("refuses texts that are longer than its buffer, also where the buffer happens to end at a valid text", () => {
    const longest = encodeBech32("ln", new Uint8Array(MAX_BECH32_LENGTH - 9));
    expect(dataOf(longest).words).toHaveLength(MAX_BECH32_LENGTH - 9);
    expect(messageOf(`${longest}q`)).toContain("character");
    expect(messageOf(`${longest.slice(0, -1)}\u00e9`)).toContain("character");
    expect(messageOf(`${encodeBech32("ln", new Uint8Array(MAX_BECH32_LENGTH - 10))}\u00e9`)).toContain("character");
  });

  it("notices any one changed character, anywhere, in every example", () => {
    for (const { bolt11 } of VALID) {
      const others = bolt11 === bolt11.toUpperCase() ? CHARSET.toUpperCase() : CHARSET;
      for (let i = 0; i < bolt11.length; i++) {
        const other = others.charAt((i * 7) % 32);
        const character = other === bolt11.charAt(i) ? others.charAt((i * 7 + 1) % 32) : other;
        expect(messageOf(bolt11.slice(0, i) + character + bolt11.slice(i + 1))).toMatch(
          /checksum|separator|character|too short/,
        );
      }
    }
  });

  it("notices every other character, at every place of one example", () => {
    const { bolt11 } = VALID[1] as (typeof VALID)[number];
    for (let i = 0; i < bolt11.length; i++) {
      for (const character of CHARSET) {
        if (character === bolt11.charAt(i)) continue;
        expect(messageOf(bolt11.slice(0, i) + character + bolt11.slice(i + 1))).toMatch(/checksum|separator|character/);
      }
    }
  });

  it("notices two neighbours that changed places, and lost characters", () => {
    const { bolt11 } = VALID[1] as (typeof VALID)[number];
    for (let i = 0; i + 1 < bolt11.length; i++) {
      if (bolt11[i] !== bolt11[i + 1]) {
        const swapped = bolt11.slice(0, i) + bolt11[i + 1] + bolt11[i] + bolt11.slice(i + 2);
        expect(messageOf(swapped)).toMatch(/checksum|separator/);
      }
      expect(messageOf(bolt11.slice(0, i) + bolt11.slice(i + 1))).toMatch(/checksum|separator/);
    }
  });
});
