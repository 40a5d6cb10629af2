import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../src/bytes.ts";
import { extendSignature, signatureChain } from "../../../src/token/macaroon/macaroon-chain.ts";
import { macaroonFromText } from "../../../src/token/macaroon/macaroon-codec.ts";
import { hmac, sign } from "./macaroon-fixtures.ts";
import { MACAROON_VECTORS, NEGATIVE_VECTORS, T0_CHAIN, T0_SPEC_LITERAL_CHAIN } from "./macaroon-vectors.ts";

const hex = (text: string) => fromHex(text) as Uint8Array;
const [T0, , T2, T3, , T5] = MACAROON_VECTORS as [Vector, Vector, Vector, Vector, Vector, Vector];
type Vector = (typeof MACAROON_VECTORS)[number];
const chainOf = (vector: Vector) => signatureChain(hex(vector.rootKey), hex(vector.identifier), vector.caveats);

describe("the signature chain", () => {
  it.each(MACAROON_VECTORS)("signs $name", (vector) => {
    expect(toHex(chainOf(vector).at(-1) as Uint8Array)).toBe(vector.signature);
    expect(toHex(sign(hex(vector.rootKey), hex(vector.identifier), vector.caveats))).toBe(vector.signature);
  });

  it("has one signature for the identifier and one for each caveat", () => {
    expect(chainOf(T0).map(toHex)).toEqual(T0_CHAIN);
  });

  it("goes on from a signature alone", () => {
    const end = T5.caveats.slice(T3.caveats.length).reduce(extendSignature, hex(T3.signature));
    expect(toHex(end)).toBe(T5.signature);
  });

  it("is not what the specification says to the letter", () => {
    const literal = [hmac(hex(T0.rootKey), hex(T0.identifier))];
    for (const caveat of T0.caveats) literal.push(hmac(literal.at(-1) as Uint8Array, caveat));
    expect(literal.map(toHex)).toEqual(T0_SPEC_LITERAL_CHAIN);
    expect(chainOf(T0).map(toHex)).not.toEqual(T0_SPEC_LITERAL_CHAIN);
  });

  it.each(NEGATIVE_VECTORS.filter(({ parses }) => parses))("refuses $name", ({ base64 }) => {
    const { identifier, caveats, signature } = macaroonFromText(base64);
    expect(toHex(signatureChain(hex(T2.rootKey), identifier, caveats).at(-1) as Uint8Array)).not.toBe(toHex(signature));
  });
});
