import { Buffer } from "node:buffer";
import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { equalBytes, fromBase64, fromHex, toBase64, toBase64Url, toHex } from "../src/bytes.ts";
import * as node from "../src/crypto/node.ts";
import * as web from "../src/crypto/web.ts";

const bytes = fc.uint8Array({ maxLength: 300 });

describe.each([
  ["node", node],
  ["web", web as unknown as typeof node],
] as const)("crypto for %s", (_, { sha256, sha256OfHex, createSigner, hmacSha256, bytesOfBase64 }) => {
  it("hashes as the platform does, for every length around a block", () => {
    for (let length = 0; length < 200; length++) {
      const message = new Uint8Array(length).map((_, i) => i * 7 + length);
      expect(toHex(sha256(message))).toBe(createHash("sha256").update(message).digest("hex"));
    }
  });

  it("signs as the platform does, with keys shorter and longer than a block", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 150 }), bytes, (key, message) => {
        const expected = createHmac("sha256", key).update(message).digest("hex");
        expect(toHex(hmacSha256(key, message))).toBe(expected);
        expect(toHex(createSigner(key).sign(message))).toBe(expected);
        const text = Buffer.from(message).toString("latin1");
        expect(toHex(hmacSha256(key, text))).toBe(toHex(hmacSha256(key, Buffer.from(text))));
      }),
      { numRuns: 500 },
    );
  });

  it("hashes 32 bytes of hex in either case, and nothing else", () => {
    const hex = "00ff".repeat(16);
    const hash = createHash("sha256").update(Buffer.from(hex, "hex")).digest("hex");
    expect(sha256OfHex(hex)).toBe(hash);
    expect(sha256OfHex(hex.toUpperCase())).toBe(hash);
    for (const text of ["", hex.slice(1), hex.slice(2), `${hex}00`, `${hex.slice(1)}g`, `${hex.slice(1)}\u0130`]) {
      expect(sha256OfHex(text)).toBeUndefined();
    }
  });

  it("reads the base64 that all read, in one spelling of its bits, and nothing else", () => {
    const digit = fc.constantFrom(..."AQgwBcd0189+/-_=", " ", "\n", "\u00c4", "\u0141", "\ud800");
    fc.assert(
      fc.property(bytes, fc.boolean(), fc.nat(), digit, fc.nat(1), (value, isUrl, position, other, removed) => {
        const text = Buffer.from(value).toString(isUrl ? "base64url" : "base64");
        expect(bytesOfBase64(text)).toEqual(value);
        const at = position % (text.length + 1);
        const changed = text.slice(0, at) + other + text.slice(at + removed);
        expect(bytesOfBase64(changed)).toEqual(fromBase64(changed));
      }),
      { numRuns: 2000 },
    );
  });

  it("leaves its key as it was", () => {
    const { sign } = createSigner(new Uint8Array(32).fill(1));
    const message = new Uint8Array([1, 2, 3]);
    const first = toHex(sign(message));
    sign(new Uint8Array(500));
    sign(new Uint8Array(5000));
    for (const long of ["x".repeat(5000), "\u0800".repeat(1366)]) {
      const expected = createHmac("sha256", message).update(long).digest("hex");
      expect(toHex(hmacSha256(message, long))).toBe(expected);
    }
    hmacSha256(new Uint8Array(100), message);
    expect(toHex(sign(message))).toBe(first);
  });
});

describe("base64", () => {
  it("writes and reads what Buffer does", () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(toBase64(value)).toBe(Buffer.from(value).toString("base64"));
        expect(toBase64Url(value)).toBe(Buffer.from(value).toString("base64url"));
        expect(fromBase64(toBase64(value))).toEqual(value);
        expect(fromBase64(toBase64Url(value))).toEqual(value);
      }),
    );
  });

  it.each([
    ["a lone character", "A"],
    ["five characters", "AAAAA"],
    ["bits that are not used and not zero", "AB"],
    ["padding that is too long", "AA==="],
    ["padding that is too short", "AA="],
    ["padding that nothing needs", "AAAA="],
    ["padding in the middle", "AA==AAAA"],
    ["a space", "AA A"],
    ["a line break", "AAAA\n"],
    ["a space at the end", "AAAA "],
    ["a character beyond ASCII", "AAÄA"],
    ["a lone surrogate", "AA\ud800A"],
  ])("refuses %s", (_, text) => {
    expect(fromBase64(text)).toBeUndefined();
  });
});

describe("hex", () => {
  it("reads both cases and nothing else", () => {
    expect(fromHex("00fFaB")).toEqual(new Uint8Array([0, 255, 171]));
    for (const text of ["0", "0g", "0G", "0x", " 0", "00 ", "@@", "``", "::"]) expect(fromHex(text)).toBeUndefined();
  });
});

describe("equalBytes", () => {
  it("tells every single bit", () => {
    const a = new Uint8Array(32).fill(0x5a);
    expect(equalBytes(a, a.slice())).toBe(true);
    expect(equalBytes(a, a.slice(1))).toBe(false);
    for (let bit = 0; bit < 256; bit++) {
      const b = a.slice();
      b[bit >> 3] = (b[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(equalBytes(a, b)).toBe(false);
    }
  });
});
