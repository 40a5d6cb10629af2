import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../src/bytes.ts";
import { decodeMacaroonIdentifier, encodeMacaroonIdentifier } from "../../../src/token/macaroon/macaroon-identifier.ts";
import { MACAROON_VECTORS } from "./macaroon-vectors.ts";

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
