import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBase64, fromHex, toBase64, toHex } from "../../../src/bytes.ts";
import { encodeMacaroon } from "../../../src/token/macaroon/macaroon-codec.ts";
import {
  decodeMacaroonIdentifier,
  encodeMacaroonIdentifier,
  paymentHashOfMacaroon,
} from "../../../src/token/macaroon/macaroon-identifier.ts";
import { DECODE_ONLY_VECTORS, MACAROON_VECTORS, NEGATIVE_VECTORS } from "./macaroon-vectors.ts";

const T2 = MACAROON_VECTORS[2] as (typeof MACAROON_VECTORS)[number];
const hex = (text: string) => fromHex(text) as Uint8Array;

describe("the identifier", () => {
  it.each(MACAROON_VECTORS.filter(({ paymentHash }) => paymentHash))("of $name", (vector) => {
    const read = decodeMacaroonIdentifier(hex(vector.identifier));
    expect(read).toEqual({ paymentHash: vector.paymentHash, tokenId: hex(vector.tokenId as string) });
    expect(toHex(encodeMacaroonIdentifier(read as never) as Uint8Array)).toBe(vector.identifier);
  });

  it("has exactly 66 bytes and version 0", () => {
    const identifier = hex(T2.identifier);
    for (let length = 0; length < 66; length++) {
      expect(decodeMacaroonIdentifier(identifier.slice(0, length))).toBeUndefined();
    }
    expect(decodeMacaroonIdentifier(Uint8Array.of(...identifier, 0))).toBeUndefined();
    expect(decodeMacaroonIdentifier(Uint8Array.of(0, 1, ...identifier.slice(2)))).toBeUndefined();
    expect(decodeMacaroonIdentifier(Uint8Array.of(1, 0, ...identifier.slice(2)))).toBeUndefined();
  });

  it("is not made of anything but a hash and 32 bytes", () => {
    const tokenId = new Uint8Array(32);
    for (const paymentHash of ["", "00", "g".repeat(64), "AB".repeat(32), "0".repeat(66)]) {
      expect(encodeMacaroonIdentifier({ paymentHash, tokenId })).toBeUndefined();
    }
    expect(encodeMacaroonIdentifier({ paymentHash: "0".repeat(64), tokenId: new Uint8Array(31) })).toBeUndefined();
  });
});

describe("paymentHashOfMacaroon", () => {
  it.each([...MACAROON_VECTORS, ...DECODE_ONLY_VECTORS])("of $name", ({ base64, paymentHash }) => {
    expect(paymentHashOfMacaroon(base64)).toBe(paymentHash);
    expect(paymentHashOfMacaroon(base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""))).toBe(
      paymentHash,
    );
  });

  it("looks at the identifier only: the rest is for the seller to judge", () => {
    for (const { base64 } of NEGATIVE_VECTORS) expect(paymentHashOfMacaroon(base64)).toBe(T2.paymentHash);
  });

  it("is undefined for other tokens", () => {
    // The specification's example, boltwall's identifier in hex, a version 1 macaroon, signed JSON.
    const boltwall = {
      location: "location",
      identifier: new TextEncoder().encode(T2.identifier),
      caveats: ["expiration=1"],
    };
    const others = [
      "",
      "AGIAJEemVQUTEyNCR0exk7ek90Cg==",
      toBase64(encodeMacaroon({ ...boltwall, signature: new Uint8Array(32) })),
      toBase64(new TextEncoder().encode("0013location lsat\n0010identifier id\n")),
      toBase64(new TextEncoder().encode('{"v":1,"kid":"k1"}')),
      "not base64!",
    ];
    for (const token of others) expect(paymentHashOfMacaroon(token)).toBeUndefined();
    for (const token of [undefined, null, 7, {}, []]) expect(paymentHashOfMacaroon(token as never)).toBeUndefined();
  });

  it("does not read a length of three bytes", () => {
    const location = new Array(16_385).fill(0x61);
    const long = [2, 1, 0x81, 0x80, ...location, 2, 66, ...hex(T2.identifier), 0];
    expect(paymentHashOfMacaroon(toBase64(Uint8Array.from(long)))).toBeUndefined();
  });

  it("never throws", () => {
    const bytes = fromBase64(T2.base64) as Uint8Array;
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary", maxLength: 200 }),
          fc.uint8Array({ maxLength: 200 }).map(toBase64),
          fc.tuple(fc.nat({ max: 72 }), fc.nat({ max: 255 })).map(([at, byte]) => toBase64(bytes.with(at, byte))),
          fc.nat({ max: bytes.length }).map((length) => toBase64(bytes.slice(0, length))),
        ),
        (token) => ["undefined", "string"].includes(typeof paymentHashOfMacaroon(token)),
      ),
      { numRuns: 10_000 },
    );
  });
});
