import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toBase64, toHex } from "../../src/bytes.ts";
import { attenuateMacaroon } from "../../src/token/macaroon-attenuation.ts";
import { encodeMacaroon, macaroonFromText } from "../../src/token/macaroon-codec.ts";
import { macaroonFormat } from "../../src/token/macaroon-format.ts";
import { anyExpiry, anyResource, anyUses, CLAIMS, codeOf, KEYS, rootKeyOf, sign } from "./macaroon-fixtures.ts";

const format = macaroonFormat()(KEYS);
const lenient = macaroonFormat({ unknownCaveats: "skip" })(KEYS);
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
    expect(() => withCaveats("<script>alert(1)</script>")).toThrow(/^The token has a caveat that is unknown here/);
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

describe("what a holder adds", () => {
  const anyCaveat = fc.oneof(
    anyResource.map((resource) => `l402_resource=${resource.slice(0, 100)}`),
    anyExpiry.map((date) => `l402_valid_until=${date.getTime() / 1000}`),
    anyUses.map((uses) => `l402_uses=${uses}`),
    fc.constantFrom("services=l402:0", "l402_capabilities=", `preimage=${PREIMAGE}`, "unknown=1"),
  );
  const anyCaveats = fc.array(anyCaveat, { maxLength: 8 });

  it("gains nothing: claims stay, and so does every earlier caveat", () => {
    fc.assert(
      fc.property(anyCaveats, anyCaveats, (first, second) => {
        const narrow = attenuateMacaroon(token, first);
        const narrower = attenuateMacaroon(narrow, second);
        const before = lenient.authenticate(narrow);
        const after = lenient.authenticate(narrower);
        expect(after.claims).toEqual({ ...CLAIMS, uses: 10 });
        expect(after.caveats.slice(0, before.caveats.length)).toEqual(before.caveats);
        expect(narrower).toBe(attenuateMacaroon(token, [...first, ...second]));
      }),
      { numRuns: 500 },
    );
  });

  it("gains nothing by saying more than was sold", () => {
    const wider = withCaveats(
      "l402_valid_until=4000000000",
      "l402_uses=1000000",
      "l402_resource=*",
      "l402_resource=GET /",
    );
    expect(wider.claims).toEqual({ ...CLAIMS, uses: 10 });
    expect(wider.caveats.map(({ type }) => type)).toEqual(["expiry", "uses", "resource", "resource"]);
  });

  it("does not undo an earlier expiry with a later one", () => {
    const { caveats } = withCaveats("l402_valid_until=1000000000", "l402_valid_until=4000000000");
    expect(caveats).toEqual([
      { type: "expiry", expiresAt: new Date(1_000_000_000_000) },
      { type: "expiry", expiresAt: new Date(4_000_000_000_000) },
    ]);
  });

  it("cannot be taken away, reordered or changed by the next holder", () => {
    const added = ["l402_uses=3 nonce", "l402_valid_until=1780000000"];
    const macaroon = macaroonFromText(attenuateMacaroon(token, added));
    const minted = macaroonFromText(token).caveats;
    for (const caveats of [
      minted,
      [...minted, "l402_uses=3 nonce"],
      [...minted, "l402_valid_until=1780000000"],
      [...minted, ...[...added].reverse()],
      [...minted, "l402_uses=4 nonce", "l402_valid_until=1780000000"],
      [...added, ...minted],
    ]) {
      const forged = toBase64(encodeMacaroon({ ...macaroon, caveats }));
      expect(codeOf(() => format.authenticate(forged))).toBe("CREDENTIAL_NOT_AUTHENTIC");
    }
  });

  it("tells sub-tokens apart: two limits on uses have two ids", () => {
    const idsOf = (...caveats: string[]) =>
      withCaveats(...caveats).caveats.flatMap((caveat) => (caveat.type === "uses" ? [caveat.id] : []));
    const [first, second] = idsOf("l402_uses=3 a", "l402_uses=3 a") as [string, string];
    const [third] = idsOf("l402_uses=3 b") as [string];
    expect(new Set([first, second, third]).size).toBe(3);
    for (const id of [first, second, third]) expect(id).toMatch(/^[0-9a-f]{32}$/);
    // The same whatever comes later, or a holder could start a new count by adding a caveat.
    expect(idsOf("l402_uses=3 a", "l402_valid_until=1", "l402_resource=x")).toEqual([first]);
    // Another pass, another count.
    const other = attenuateMacaroon(format.mint({ ...CLAIMS, uses: 10, tokenId: "AQECAwQFBgcICQoLDA0ODw" }), [
      "l402_uses=3 a",
    ]);
    expect(format.authenticate(other).caveats).not.toMatchObject([{ id: first }]);
  });

  it("does not give away a signature of the chain", () => {
    const { identifier, caveats } = macaroonFromText(token);
    const signature = sign(rootKeyOf(identifier), identifier, [...caveats, "l402_uses=3 a"]);
    const [caveat] = withCaveats("l402_uses=3 a", "l402_valid_until=1").caveats;
    expect(caveat).toEqual({
      type: "uses",
      uses: 3,
      id: createHash("sha256").update(signature).digest("hex").slice(0, 32),
    });
    expect(toHex(signature)).not.toContain((caveat as { id: string }).id);
  });
});
