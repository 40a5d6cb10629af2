import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../../src/bytes.ts";
import { macaroonFromText } from "../../../src/token/macaroon/macaroon-codec.ts";
import { macaroonFormat } from "../../../src/token/macaroon/macaroon-format.ts";
import { anyClaims, CLAIMS, codeOf, hmac, KEYS, SECRET, withKeys } from "./macaroon-fixtures.ts";

const format = withKeys(macaroonFormat(), KEYS);
const token = format.mint(CLAIMS);

describe("minting", () => {
  it("writes a macaroon as Aperture does, and five caveats of ours", () => {
    const { location, identifier, caveats } = macaroonFromText(token);
    expect(location).toBe("lsat");
    expect(identifier).toHaveLength(66);
    expect(toHex(identifier)).toContain(`0000${CLAIMS.paymentHash}000102030405060708090a0b0c0d0e0f`);
    expect(caveats).toEqual([
      "services=l402:0",
      "l402_capabilities=",
      "l402_valid_until=1790000000",
      "l402_resource=GET /weather",
      "l402_amount_msat=10000",
      "l402_uses=1",
      "l402_provider_ref=",
      "l402_computed=",
    ]);
  });

  it("writes standard base64 with padding", () => {
    fc.assert(
      fc.property(anyClaims, (claims) => {
        const text = format.mint(claims);
        expect(text).toMatch(/^[A-Za-z0-9+/]+={0,2}$/);
        expect(text.length % 4).toBe(0);
        expect(Buffer.from(text, "base64").toString("base64")).toBe(text);
      }),
    );
  });

  it("names the service", () => {
    const weather = withKeys(macaroonFormat({ service: "weather.v1" }), KEYS);
    expect(macaroonFromText(weather.mint(CLAIMS)).caveats.slice(0, 4)).toEqual([
      "services=weather.v1:0",
      "weather.v1_capabilities=",
      "weather.v1_valid_until=1790000000",
      "l402_resource=GET /weather",
    ]);
    expect(weather.authenticate(weather.mint(CLAIMS)).claims).toEqual(CLAIMS);
  });

  it("keeps a resource out of the services", () => {
    const resource = "GET /cheap:0,l402:0,services=l402:9";
    const minted = format.mint({ ...CLAIMS, resource });
    const { caveats } = macaroonFromText(minted);
    expect(caveats.filter((caveat) => caveat.startsWith("services="))).toEqual(["services=l402:0"]);
    expect(format.authenticate(minted)).toEqual({ claims: { ...CLAIMS, resource }, caveats: [] });
  });

  it("verifies with plain HMACs, by the layout alone", () => {
    fc.assert(
      fc.property(anyClaims, (claims) => {
        const raw = Buffer.from(format.mint(claims), "base64");
        expect(raw.subarray(0, 9).toString("hex")).toBe("0201046c736174".concat("0242"));
        const identifier = raw.subarray(9, 75);
        let signature = hmac(
          hmac("macaroons-key-generator", hmac(SECRET, "l402/macaroon/root-key/", identifier)),
          identifier,
        );
        let at = 76;
        while (raw[at] === 2) {
          const wide = (raw[at + 1] as number) >= 128;
          const length = wide
            ? ((raw[at + 1] as number) & 127) | ((raw[at + 2] as number) << 7)
            : (raw[at + 1] as number);
          at += wide ? 3 : 2;
          signature = hmac(signature, raw.subarray(at, at + length));
          at += length + 1;
        }
        expect(raw.subarray(at).toString("hex")).toBe(`000620${toHex(signature)}`);
      }),
    );
  });

  it("refuses claims that it could not give back", () => {
    const wrong: Record<string, unknown>[] = [
      { paymentHash: CLAIMS.paymentHash.toUpperCase() },
      { paymentHash: CLAIMS.paymentHash.slice(2) },
      { paymentHash: undefined },
      { paymentHash: [CLAIMS.paymentHash] },
      { tokenId: "AAECAwQFBgcICQoLDA0ODx" },
      { tokenId: "AAECAwQFBgcICQoLDA0ODw==" },
      { tokenId: "AAECAwQFBgcICQoLDA0O" },
      { tokenId: undefined },
      { resource: "" },
      { resource: "GET /\n" },
      { resource: "GET /\0" },
      { resource: "GET /caf\u00e9" },
      { resource: "x".repeat(513) },
      { resource: undefined },
      { amountMsat: -1 },
      { amountMsat: 1.5 },
      { amountMsat: 2 ** 53 },
      { amountMsat: Number.NaN },
      { amountMsat: "10" },
      { uses: 0 },
      { uses: -1 },
      { uses: 1.5 },
      { uses: Number.POSITIVE_INFINITY },
      { uses: "many" },
      { uses: "1" },
      { expiresAt: new Date(Number.NaN) },
      { expiresAt: new Date(-1) },
      { expiresAt: 1_790_000_000 },
      { expiresAt: undefined },
    ];
    for (const claims of wrong) {
      const mint = () => format.mint({ ...CLAIMS, ...claims } as typeof CLAIMS);
      expect(codeOf(mint), JSON.stringify(claims)).toBe("INTERNAL");
    }
  });

  it("refuses options that do not fit, naming them", () => {
    for (const service of ["", "a b", "a:0", "a,b", "a=b", "a/b", "caf\u00e9", "a\n", "x".repeat(65), 7, null]) {
      expect(() => macaroonFormat({ service: service as string }), String(service)).toThrow(
        /^macaroonFormat: service /,
      );
      expect(codeOf(() => macaroonFormat({ service: service as string }))).toBe("CONFIG_INVALID");
    }
    const unknownCaveats = "ignore" as "skip";
    expect(() => macaroonFormat({ unknownCaveats })).toThrow(/^macaroonFormat: unknownCaveats /);
    expect(codeOf(() => macaroonFormat({ unknownCaveats }))).toBe("CONFIG_INVALID");
    for (const service of ["a", "A-b_c.9", "x".repeat(64)]) expect(macaroonFormat({ service }).name).toBe("macaroon");
  });
});
