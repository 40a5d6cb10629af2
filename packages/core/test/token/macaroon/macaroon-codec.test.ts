import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, toBase64, toHex } from "../../../src/bytes.ts";
import {
  decodeMacaroon,
  encodeMacaroon,
  macaroonFromText,
  macaroonToText,
} from "../../../src/token/macaroon/macaroon-codec.ts";
import { codeOf } from "./macaroon-fixtures.ts";
import { DECODE_ONLY_VECTORS, MACAROON_VECTORS, NEGATIVE_VECTORS } from "./macaroon-vectors.ts";

const hex = (text: string) => fromHex(text) as Uint8Array;
const utf8 = (text: string) => [...new TextEncoder().encode(text)];
const field = (tag: number, data: readonly number[]) => [tag, data.length, ...data];
const SIGNATURE = field(6, new Array(32).fill(7));
const HEADER = [2, ...field(1, utf8("lsat")), ...field(2, utf8("id")), 0];
const CAVEAT = [...field(2, utf8("a=b")), 0];
const decode = (...parts: readonly (readonly number[])[]) => decodeMacaroon(Uint8Array.from(parts.flat()));
const refused = (...parts: readonly (readonly number[])[]) =>
  expect(codeOf(() => decode(...parts))).toBe("CREDENTIAL_MALFORMED");

describe("the reference macaroons", () => {
  it.each(MACAROON_VECTORS)("writes and reads $name", (vector) => {
    const macaroon = {
      location: vector.location,
      identifier: hex(vector.identifier),
      caveats: vector.caveats,
      signature: hex(vector.signature),
    };
    expect(toHex(encodeMacaroon(macaroon))).toBe(vector.hex);
    expect(macaroonToText(macaroon)).toBe(vector.base64);
    expect(decodeMacaroon(hex(vector.hex))).toEqual(macaroon);
    expect(macaroonFromText(vector.base64)).toEqual(macaroon);
    expect(macaroonFromText(vector.base64url)).toEqual(macaroon);
  });

  it.each(DECODE_ONLY_VECTORS)("reads $name", (vector) => {
    const macaroon = macaroonFromText(vector.base64);
    expect(macaroon.location).toBe(vector.location);
    expect(toHex(macaroon.identifier)).toBe(`0000${vector.paymentHash}${vector.tokenId}`);
    expect(macaroon.caveats).toEqual(vector.caveats);
    expect(toHex(macaroon.signature)).toBe(vector.signature);
    expect(macaroonToText(macaroon)).toBe(vector.base64);
  });

  it.each(NEGATIVE_VECTORS)("$name: parses = $parses", ({ base64, parses }) => {
    expect(codeOf(() => macaroonFromText(base64))).toBe(parses ? undefined : "CREDENTIAL_MALFORMED");
  });
});

describe("strictness", () => {
  it("reads a macaroon built by hand", () => {
    expect(decode(HEADER, CAVEAT, [0], SIGNATURE)).toMatchObject({ location: "lsat", caveats: ["a=b"] });
  });

  it("refuses what is not version 2", () => {
    refused([]);
    refused([1], HEADER.slice(1), [0], SIGNATURE);
    refused([3], HEADER.slice(1), [0], SIGNATURE);
    // Version 1: text packets, each with its length in hex.
    refused(utf8("0013location lsat\n0010identifier id\n002fsignature "), SIGNATURE.slice(2), utf8("\n"));
    // Version 2 as JSON, which other libraries accept too.
    refused(utf8('{"v":2,"i":"id","s64":"AAAA"}'));
  });

  it("refuses a third party's caveat", () => {
    refused(HEADER, field(1, utf8("elsewhere")), field(2, utf8("id")), field(4, [1, 2, 3]), [0], [0], SIGNATURE);
    refused(HEADER, field(2, utf8("a=b")), field(4, [1, 2, 3]), [0], [0], SIGNATURE);
    refused(HEADER, field(2, utf8("a=b")), field(4, []), [0], [0], SIGNATURE);
    refused(HEADER, field(1, utf8("elsewhere")), field(2, utf8("a=b")), [0], [0], SIGNATURE);
  });

  it("refuses fields that are missing, doubled, unknown or out of order", () => {
    refused([2, ...field(1, utf8("lsat")), 0], [0], SIGNATURE);
    refused([2, ...field(2, utf8("id")), ...field(1, utf8("lsat")), 0], [0], SIGNATURE);
    refused([2, ...field(1, utf8("a")), ...field(1, utf8("b")), ...field(2, utf8("id")), 0], [0], SIGNATURE);
    refused([2, ...field(2, utf8("id")), ...field(2, utf8("id")), 0], [0], SIGNATURE);
    refused([2, ...field(2, utf8("id")), ...field(4, utf8("v")), 0], [0], SIGNATURE);
    refused(HEADER, [0], field(5, SIGNATURE.slice(2)));
    refused(HEADER, SIGNATURE);
    refused(HEADER, [0]);
    refused(HEADER, CAVEAT, SIGNATURE);
    refused(HEADER, [0], [0], SIGNATURE);
  });

  it("refuses an empty location, which has to be left out", () => {
    refused([2, 1, 0, ...field(2, utf8("id")), 0], [0], SIGNATURE);
  });

  it("refuses a length or tag that is not written in the shortest way", () => {
    refused([2, 1, 0x84, 0, ...utf8("lsat"), ...field(2, utf8("id")), 0], [0], SIGNATURE);
    refused([2, 0x82, 0, 2, ...utf8("id"), 0], [0], SIGNATURE);
    refused(HEADER, [2, 0x83, 0, ...utf8("a=b"), 0], [0], SIGNATURE);
    refused(HEADER, [0], [6, 0xa0, 0, ...SIGNATURE.slice(2)]);
  });

  it("refuses a length beyond the end, and one that overflows", () => {
    refused(HEADER, [2, 0xff, 0x7f, ...utf8("a=b"), 0], [0], SIGNATURE);
    refused(HEADER, [2, 0xff, 0xff, 0xff, 0xff, 0x0f, ...utf8("a=b"), 0], [0], SIGNATURE);
    refused(HEADER, [2, ...new Array(10).fill(0x80), 1, ...utf8("a=b"), 0], [0], SIGNATURE);
    refused([2, 2]);
    refused([2, 2, 0x80]);
  });

  it("refuses a signature that is not 32 bytes, and anything after it", () => {
    refused(HEADER, [0], field(6, new Array(31).fill(7)));
    refused(HEADER, [0], field(6, new Array(33).fill(7)));
    refused(HEADER, [0], field(6, []));
    refused(HEADER, [0], SIGNATURE, [0]);
    refused(HEADER, [0], SIGNATURE, HEADER);
  });

  it("refuses caveats and locations that are not printable ASCII", () => {
    for (const text of ["", "a=\n", "a=\0", "a=\x7f", "a=é", "a=\u{1f511}", "\ufeffa=b"]) {
      refused(HEADER, field(2, utf8(text)), [0], [0], SIGNATURE);
      refused([2, ...field(1, utf8(text)), ...field(2, utf8("id")), 0], [0], SIGNATURE);
    }
    refused(HEADER, field(2, [0x61, 0x3d, 0xff]), [0], [0], SIGNATURE);
  });

  it("keeps to 24 caveats and 4096 bytes", () => {
    expect(decode(HEADER, ...new Array(24).fill(CAVEAT), [0], SIGNATURE).caveats).toHaveLength(24);
    refused(HEADER, ...new Array(25).fill(CAVEAT), [0], SIGNATURE);

    const room = 4096 - HEADER.length - SIGNATURE.length - 1;
    const longest = (length: number) => [2, (length & 127) | 128, length >> 7, ...new Array(length).fill(0x61), 0];
    expect(decode(HEADER, longest(room - 4), [0], SIGNATURE).caveats).toHaveLength(1);
    refused(HEADER, longest(room - 3), [0], SIGNATURE);
    const bytes = Uint8Array.from([...HEADER, ...longest(room - 4), 0, ...SIGNATURE]);
    expect(macaroonFromText(toBase64(bytes)).caveats).toHaveLength(1);
  });

  it("reads only what it would write", () => {
    const arbitrary = fc.oneof(
      fc.uint8Array({ maxLength: 120 }),
      fc
        .tuple(fc.constantFrom(...MACAROON_VECTORS), fc.nat(), fc.integer({ min: 0, max: 255 }), fc.nat({ max: 2 }))
        .map(([vector, at, byte, kind]) => {
          const bytes = [...hex(vector.hex)];
          if (kind === 0) bytes[at % bytes.length] = byte;
          else bytes.splice(at % bytes.length, kind - 1, byte);
          return Uint8Array.from(bytes);
        }),
    );
    let read = 0;
    fc.assert(
      fc.property(arbitrary, (bytes) => {
        let macaroon: ReturnType<typeof decodeMacaroon> | undefined;
        const code = codeOf(() => {
          macaroon = decodeMacaroon(bytes);
        });
        if (macaroon) expect(encodeMacaroon(macaroon)).toEqual(bytes);
        else expect(code).toBe("CREDENTIAL_MALFORMED");
        if (macaroon) read++;
      }),
      { numRuns: 10_000 },
    );
    expect(read).toBeGreaterThan(500);
  });
});

describe("the text", () => {
  it("refuses what is not base64", () => {
    const { base64 } = MACAROON_VECTORS[2] as (typeof MACAROON_VECTORS)[number];
    for (const text of [
      "",
      "=",
      "A",
      `${base64}=`,
      ` ${base64}`,
      `${base64}\n`,
      base64.slice(1),
      `${base64},${base64}`,
    ]) {
      expect(
        codeOf(() => macaroonFromText(text)),
        text,
      ).toBe("CREDENTIAL_MALFORMED");
    }
    for (const value of [undefined, null, 7, {}, [base64], new Uint8Array()]) {
      expect(codeOf(() => macaroonFromText(value as string))).toBe("CREDENTIAL_MALFORMED");
    }
  });
});
