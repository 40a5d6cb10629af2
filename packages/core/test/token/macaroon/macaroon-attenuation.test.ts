import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attenuateMacaroon, macaroonCaveatsFor } from "../../../src/token/macaroon/macaroon-attenuation.ts";
import { macaroonFromText } from "../../../src/token/macaroon/macaroon-codec.ts";
import { macaroonFormat } from "../../../src/token/macaroon/macaroon-format.ts";
import type { Narrowing } from "../../../src/token/narrowing.ts";
import { anyExpiry, anyResource, anyUses, CLAIMS, codeOf, KEYS, withKeys } from "./macaroon-fixtures.ts";
import { DECODE_ONLY_VECTORS, MACAROON_VECTORS } from "./macaroon-vectors.ts";

const format = withKeys(macaroonFormat(), KEYS);
const token = format.mint(CLAIMS);

describe("attenuateMacaroon", () => {
  it("makes T5 of T3, as other libraries do", () => {
    const [, , , T3, , T5] = MACAROON_VECTORS;
    expect(attenuateMacaroon(T3?.base64 as string, T5?.caveats.slice(4) as string[])).toBe(T5?.base64);
    expect(attenuateMacaroon(T3?.base64url as string, T5?.caveats.slice(4) as string[])).toBe(T5?.base64);
  });

  it("adds nothing when asked for nothing", () => {
    expect(attenuateMacaroon(token, [])).toBe(token);
  });

  it("refuses caveats that cannot be written or would not be read", () => {
    for (const caveat of ["", "a=\n", "a=caf\u00e9", "a=\0", undefined, 7]) {
      expect(codeOf(() => attenuateMacaroon(token, [caveat as string]))).toBe("CONFIG_INVALID");
    }
    expect(codeOf(() => attenuateMacaroon(token, new Array(16).fill("a=b")))).toBeUndefined();
    expect(codeOf(() => attenuateMacaroon(token, new Array(17).fill("a=b")))).toBe("CONFIG_INVALID");
    expect(codeOf(() => attenuateMacaroon(token, ["x".repeat(4096)]))).toBe("CONFIG_INVALID");
  });

  it("refuses what is not a macaroon", () => {
    for (const text of ["", "eyJ2IjoxfQ", "not base64!", token.slice(4)]) {
      expect(codeOf(() => attenuateMacaroon(text, []))).toBe("CREDENTIAL_MALFORMED");
    }
  });
});

describe("macaroonCaveatsFor", () => {
  const narrow = (text: string, narrowing: Narrowing) => attenuateMacaroon(text, macaroonCaveatsFor(text, narrowing));

  it("writes a narrowing that the seller enforces", () => {
    const anyService = fc.constantFrom("l402", "weather", "a.b-c_d", "0");
    fc.assert(
      fc.property(anyService, anyResource, anyExpiry, anyUses, (service, resource, expiresAt, uses) => {
        const seller = withKeys(macaroonFormat({ service }), KEYS);
        const { claims, caveats } = seller.authenticate(narrow(seller.mint(CLAIMS), { resource, expiresAt, uses }));
        expect(claims).toEqual(CLAIMS);
        expect(caveats).toMatchObject([
          { type: "resource", resource },
          { type: "expiry", expiresAt },
          { type: "uses", uses },
        ]);
      }),
    );
  });

  it("writes only what was asked for, and can be applied again", () => {
    expect(macaroonCaveatsFor(token, {})).toEqual([]);
    expect(macaroonCaveatsFor(token, { resource: "GET /a" })).toEqual(["l402_resource=GET /a"]);
    const expiresAt = new Date(1_780_000_000_999);
    expect(macaroonCaveatsFor(token, { expiresAt })).toEqual(["l402_valid_until=1780000000"]);
    const twice = narrow(narrow(token, { uses: 5 }), { expiresAt });
    expect(format.authenticate(twice).caveats.map(({ type }) => type)).toEqual(["uses", "expiry"]);
  });

  it("makes two sub-tokens with the same uses differ", () => {
    const caveats = [macaroonCaveatsFor(token, { uses: 3 }), macaroonCaveatsFor(token, { uses: 3 })].flat();
    for (const caveat of caveats) expect(caveat).toMatch(/^l402_uses=3 [\w-]{16}$/);
    expect(caveats[0]).not.toBe(caveats[1]);
    const ids = caveats.map((caveat) => format.authenticate(attenuateMacaroon(token, [caveat])).caveats[0]);
    expect(ids[0]).not.toEqual(ids[1]);
  });

  it("refuses a narrowing that no token can have, naming the option", () => {
    const wrong: [string, unknown][] = [
      ["resource", ""],
      ["resource", "GET /\n"],
      ["resource", "x".repeat(513)],
      ["resource", 7],
      ["expiresAt", new Date(Number.NaN)],
      ["expiresAt", new Date(-1)],
      ["expiresAt", "tomorrow"],
      ["uses", 0],
      ["uses", 1.5],
      ["uses", "3"],
      ["uses", "unlimited"],
    ];
    for (const [option, value] of wrong) {
      const run = () => macaroonCaveatsFor(token, { [option]: value });
      expect(codeOf(run), `${option} ${value}`).toBe("CONFIG_INVALID");
      expect(run).toThrow(new RegExp(`^attenuateToken: ${option} `));
    }
  });

  it("refuses macaroons of sellers who would skip these caveats", () => {
    for (const { base64 } of [...MACAROON_VECTORS, ...DECODE_ONLY_VECTORS]) {
      expect(codeOf(() => macaroonCaveatsFor(base64, { uses: 1 }))).toBe("CREDENTIAL_MALFORMED");
    }
    expect(macaroonFromText(token).caveats[0]).toBe("services=l402:0");
  });
});
