import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBase64, fromHex, toBase64 } from "../../src/bytes.ts";
import { macaroonFormat, paymentHashOf } from "../../src/index.ts";
import { encodeMacaroon } from "../../src/token/macaroon/macaroon-codec.ts";
import { openShop, request } from "../shop.ts";
import { DECODE_ONLY_VECTORS, MACAROON_VECTORS, NEGATIVE_VECTORS } from "./macaroon/macaroon-vectors.ts";

const T2 = MACAROON_VECTORS[2] as (typeof MACAROON_VECTORS)[number];
const hex = (text: string) => fromHex(text) as Uint8Array;

describe("paymentHashOf", () => {
  it.each([
    ["signed JSON", {}],
    ["a macaroon", { tokenFormat: macaroonFormat() }],
  ])("reads it from %s", async (_, options) => {
    const { paywall, lightning } = openShop(options);
    const decision = await paywall.check(request("/a"), { price: 1 });
    const token = decision.outcome === "denied" ? decision.challenge?.token : undefined;
    expect(paymentHashOf(token ?? "")).toBe(lightning.invoices[0]?.paymentHash);
  });

  it("answers undefined for anything else, and never throws", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => paymentHashOf(text) === undefined));
  });
});

describe("paymentHashOf a macaroon", () => {
  it.each([...MACAROON_VECTORS, ...DECODE_ONLY_VECTORS])("of $name", ({ base64, paymentHash }) => {
    expect(paymentHashOf(base64)).toBe(paymentHash);
    expect(paymentHashOf(base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""))).toBe(paymentHash);
  });

  it("looks at the identifier only: the rest is for the seller to judge", () => {
    for (const { base64 } of NEGATIVE_VECTORS) expect(paymentHashOf(base64)).toBe(T2.paymentHash);
  });

  it("is undefined for other tokens", () => {
    // The specification's example, boltwall's identifier in hex, a version 1 macaroon, and JSON of another program.
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
      toBase64(new TextEncoder().encode('{"v":1,"kid":"k1","sig":"AA"}')),
      toBase64(new TextEncoder().encode(`{"hash":"${T2.paymentHash}","sig":"AA"}`)),
      toBase64(new TextEncoder().encode("null")),
      "not base64!",
    ];
    for (const token of others) expect(paymentHashOf(token)).toBeUndefined();
    for (const token of [undefined, null, 7, {}, []]) expect(paymentHashOf(token as never)).toBeUndefined();
  });

  it("does not look behind a location whose length takes two bytes", () => {
    const location = (length: number) => new Array(length).fill(0x61);
    const after = [2, 66, ...hex(T2.identifier), 0];
    expect(paymentHashOf(toBase64(Uint8Array.of(2, 1, 127, ...location(127), ...after)))).toBe(T2.paymentHash);
    expect(paymentHashOf(toBase64(Uint8Array.of(2, 1, 0x80, 1, ...location(128), ...after)))).toBeUndefined();
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
        (token) => ["undefined", "string"].includes(typeof paymentHashOf(token)),
      ),
      { numRuns: 10_000 },
    );
  });
});
