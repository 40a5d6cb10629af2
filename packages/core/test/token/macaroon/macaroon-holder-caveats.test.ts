import { describe, expect, it } from "vitest";
import { toBase64 } from "../../../src/bytes.ts";
import { attenuateMacaroon } from "../../../src/token/macaroon/macaroon-attenuation.ts";
import { encodeMacaroon, macaroonFromText } from "../../../src/token/macaroon/macaroon-codec.ts";
import { macaroonFormat } from "../../../src/token/macaroon/macaroon-format.ts";
import { CLAIMS, codeOf, KEYS, rootKeyOf, sign, withKeys } from "./macaroon-fixtures.ts";

const format = withKeys(macaroonFormat(), KEYS);
const lenient = withKeys(macaroonFormat({ unknownCaveats: "skip" }), KEYS);
const token = format.mint({ ...CLAIMS, uses: 10 });
const PREIMAGE = "ca18bdfb9bc8beb90fb756c09ff729653730f42eabc3fce9d20740eab0a4f752";

const withCaveats = (...caveats: string[]) => format.authenticate(attenuateMacaroon(token, caveats));
const refused = (...caveats: string[]) => {
  for (const strict of [format, lenient]) {
    const code = codeOf(() => strict.authenticate(attenuateMacaroon(token, caveats)));
    expect(code, caveats.join(" | ")).toBe("CREDENTIAL_MALFORMED");
  }
};

describe("a holder's caveat", () => {
  it("narrows to a resource", () => {
    expect(withCaveats("l402_resource=GET /weather/a=b").caveats).toEqual([
      { type: "resource", resource: "GET /weather/a=b" },
    ]);
    refused("l402_resource=");
    refused(`l402_resource=${"x".repeat(513)}`);
  });

  it("ends earlier", () => {
    expect(withCaveats("l402_valid_until=1780000000").caveats).toEqual([
      { type: "expiry", expiresAt: new Date(1_780_000_000_000) },
    ]);
    for (const value of ["", "01", "-1", "+1", "1.5", "1e9", " 1", "1 ", "soon", "9007199254740992"]) {
      refused(`l402_valid_until=${value}`);
    }
  });

  it("refuses an expiry beyond all dates", () => {
    expect(withCaveats("l402_valid_until=8640000000000").caveats).toEqual([
      { type: "expiry", expiresAt: new Date(8.64e15) },
    ]);
    refused("l402_valid_until=8640000000001");
    refused("l402_valid_until=9007199254740991");
  });

  it("limits the uses", () => {
    expect(withCaveats("l402_uses=3").caveats).toMatchObject([{ type: "uses", uses: 3 }]);
    expect(withCaveats("l402_uses=3 a-nonce_9").caveats).toMatchObject([{ type: "uses", uses: 3 }]);
    const values = [
      "",
      "0",
      "03",
      "-1",
      "1.5",
      "unlimited",
      "3 ",
      " 3",
      "3  a",
      "3 a b",
      `3 ${"x".repeat(33)}`,
      "3 \u002b",
    ];
    for (const value of [...values, "9007199254740992"]) refused(`l402_uses=${value}`);
  });

  it("names the preimage, in any case", () => {
    expect(withCaveats(`preimage=${PREIMAGE.toUpperCase()}`).caveats).toEqual([
      { type: "preimage", preimage: PREIMAGE },
    ]);
    for (const value of ["", PREIMAGE.slice(2), `${PREIMAGE}00`, `${PREIMAGE} `, "g".repeat(64)])
      refused(`preimage=${value}`);
  });

  it("can repeat what was sold", () => {
    expect(withCaveats("services=l402:0", "l402_capabilities=", "services=l402:0,l402:0").caveats).toEqual([]);
  });

  it("cannot raise the tier or name another service", () => {
    for (const services of [
      "",
      "l402",
      "l402:9",
      "l402:1",
      "l402:-1",
      "l402:256",
      "l402:00",
      "l402:0,",
      ",l402:0",
      "l402:0,l402:9",
      "l402:9,l402:0",
      "l402:0,other:0",
      "other:0",
      " l402:0",
      "l402:0 ",
      "L402:0",
      "l402:0:0",
    ]) {
      refused(`services=${services}`);
    }
  });

  it("cannot name capabilities, which nobody here would keep to", () => {
    refused("l402_capabilities=read");
    refused("l402_capabilities=,");
  });

  it("cannot name an amount, neither a higher nor the same", () => {
    refused("l402_amount_msat=99999999");
    refused("l402_amount_msat=10000");
    refused("l402_amount_msat=0");
  });

  it("is at most one of sixteen", () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => `l402_uses=${i + 1}`);
    expect(withCaveats(...many(16)).caveats).toHaveLength(16);
    const { location, identifier, caveats } = macaroonFromText(token);
    const all = [...caveats, ...many(17)];
    const signature = sign(rootKeyOf(identifier), identifier, all);
    const tooMany = toBase64(encodeMacaroon({ location, identifier, caveats: all, signature }));
    expect(codeOf(() => format.authenticate(tooMany))).toBe("CREDENTIAL_MALFORMED");
  });
});

describe("an unknown caveat", () => {
  const UNKNOWN = [
    "no equals sign",
    "valid_until=1",
    "other_valid_until=1",
    "expiration=1644194263693",
    "l402_resources=GET /",
    "L402_RESOURCE=GET /",
    "l402_valid_until =1",
    " l402_uses=1",
    "=x",
    "=",
    "constructor=1",
    "__proto__=1",
    "<script>alert(1)</script>",
  ];

  it("is refused, without its text in the message", () => {
    for (const caveat of UNKNOWN) {
      expect(
        codeOf(() => withCaveats(caveat)),
        caveat,
      ).toBe("CREDENTIAL_MALFORMED");
    }
    expect(() => withCaveats("<script>alert(1)</script>")).toThrow(
      /^The token has a caveat that this seller does not know/,
    );
    expect(() => withCaveats("<script>alert(1)</script>")).not.toThrow(/script/);
  });

  it("is skipped on request, and the known ones still count", () => {
    const narrowed = attenuateMacaroon(token, [...UNKNOWN, "l402_resource=GET /a"]);
    expect(lenient.authenticate(narrowed)).toEqual({
      claims: { ...CLAIMS, uses: 10 },
      caveats: [{ type: "resource", resource: "GET /a" }],
    });
  });
});
