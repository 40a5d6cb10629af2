import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBase64, toBase64, toBase64Url } from "../../../src/bytes.ts";
import { encodeMacaroon, type Macaroon, macaroonFromText } from "../../../src/token/macaroon/macaroon-codec.ts";
import { macaroonFormat } from "../../../src/token/macaroon/macaroon-format.ts";
import {
  anyClaims,
  CLAIMS,
  codeOf,
  hmac,
  KEYS,
  resign,
  rootKeyOf,
  SECRET,
  sign,
  withKeys,
} from "./macaroon-fixtures.ts";

const format = withKeys(macaroonFormat(), KEYS);
const token = format.mint(CLAIMS);
const bytes = fromBase64(token) as Uint8Array;

describe("authenticating", () => {
  it("gives back what was minted", () => {
    fc.assert(
      fc.property(anyClaims, (claims) => {
        expect(format.authenticate(format.mint(claims))).toEqual({ claims, caveats: [] });
      }),
      { numRuns: 1000 },
    );
  });

  it("takes base64, standard or URL-safe, padded or not", () => {
    fc.assert(
      fc.property(anyClaims, (claims) => {
        const standard = format.mint(claims);
        const urlSafe = toBase64Url(fromBase64(standard) as Uint8Array);
        const padded = urlSafe.padEnd(standard.length, "=");
        for (const text of [standard, standard.replaceAll("=", ""), urlSafe, padded]) {
          expect(format.authenticate(text).claims).toEqual(claims);
        }
      }),
    );
  });

  it("refuses a flipped bit anywhere", () => {
    for (let at = 0; at < bytes.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const flipped = bytes.with(at, (bytes[at] as number) ^ (1 << bit));
        expect(
          codeOf(() => format.authenticate(toBase64(flipped))),
          `bit ${bit} of byte ${at}`,
        ).toMatch(/^CREDENTIAL_(MALFORMED|NOT_AUTHENTIC)$/);
      }
    }
  });

  it("refuses every other byte, inserted, removed or changed", () => {
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 }), fc.nat({ max: 2 }), (at, byte, kind) => {
        const changed = [...bytes];
        changed.splice(at, kind === 2 ? 0 : 1, ...(kind === 1 ? [] : [byte]));
        if (toBase64(Uint8Array.from(changed)) === token) return;
        expect(codeOf(() => format.authenticate(toBase64(Uint8Array.from(changed))))).toMatch(
          /MALFORMED|NOT_AUTHENTIC/,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it("refuses the token cut off at every length", () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(
        codeOf(() => format.authenticate(toBase64(bytes.slice(0, length)))),
        `${length}`,
      ).toBe("CREDENTIAL_MALFORMED");
    }
    for (let length = 0; length < token.length; length++) {
      const text = token.slice(0, length);
      if (text === token.replaceAll("=", "") || fromBase64(text)?.length === bytes.length) continue;
      expect(
        codeOf(() => format.authenticate(text)),
        `${length}`,
      ).toBe("CREDENTIAL_MALFORMED");
    }
  });

  it("checks in the safe order", () => {
    const wrongSignature = (change: Partial<Macaroon>) =>
      toBase64(encodeMacaroon({ ...macaroonFromText(token), ...change }));
    const { caveats, identifier } = macaroonFromText(token);
    // The shape is checked before anything is computed.
    expect(codeOf(() => format.authenticate(wrongSignature({ location: "lsas" })))).toBe("CREDENTIAL_MALFORMED");
    expect(codeOf(() => format.authenticate(wrongSignature({ location: "" })))).toBe("CREDENTIAL_MALFORMED");
    // An unsigned caveat is not read, regardless of its text.
    expect(codeOf(() => format.authenticate(wrongSignature({ caveats: [...caveats, "unknown"] })))).toBe(
      "CREDENTIAL_NOT_AUTHENTIC",
    );
    // Our own signature does not make an identifier or a location trustworthy.
    const version1 = identifier.with(1, 1);
    expect(codeOf(() => format.authenticate(resign(token, { identifier: version1 })))).toBe("CREDENTIAL_MALFORMED");
    const short = identifier.slice(0, 65);
    expect(codeOf(() => format.authenticate(resign(token, { identifier: short })))).toBe("CREDENTIAL_MALFORMED");
    const long = Uint8Array.of(...identifier, 0);
    expect(codeOf(() => format.authenticate(resign(token, { identifier: long })))).toBe("CREDENTIAL_MALFORMED");
    expect(codeOf(() => format.authenticate(resign(token, { location: "elsewhere" })))).toBe("CREDENTIAL_MALFORMED");
  });

  it("wants all six caveats, in order, each written in the one way", () => {
    const { caveats } = macaroonFromText(token);
    expect(resign(token, {})).toBe(token);
    const cases: string[][] = [
      [],
      [...caveats].reverse(),
      [...caveats.slice(0, 3), caveats[4] as string, caveats[3] as string, caveats[5] as string],
      ["preimage=".padEnd(73, "0"), ...caveats],
    ];
    for (let count = 0; count < caveats.length; count++) cases.push(caveats.slice(0, count));
    const replace = (at: number, ...texts: string[]) => {
      for (const text of texts) cases.push(caveats.with(at, text));
    };
    replace(
      0,
      "services=l402:1",
      "services=l402",
      "services=l402:0,l402:0",
      "services=",
      "services=other:0",
      "Services=l402:0",
    );
    replace(1, "l402_capabilities=all", "l402_capabilities", "other_capabilities=");
    const counts = [
      "",
      "01",
      "+1",
      "-1",
      "1.0",
      "1e3",
      "0x10",
      " 1",
      "1 ",
      "9007199254740992",
      "99999999999999999999",
      "NaN",
    ];
    replace(
      2,
      ...counts.map((count) => `l402_valid_until=${count}`),
      "l402_valid_until=8640000000001",
      "valid_until=1",
    );
    replace(3, "l402_resource=", `l402_resource=${"x".repeat(513)}`, "l402_resource", "res=GET /weather");
    replace(4, ...counts.map((count) => `l402_amount_msat=${count}`));
    replace(
      5,
      ...counts.map((count) => `l402_uses=${count}`),
      "l402_uses=0",
      "l402_uses=Unlimited",
      "l402_uses=1 nonce",
    );
    for (const changed of cases) {
      const code = codeOf(() => format.authenticate(resign(token, { caveats: changed })));
      expect(code, changed.join(" | ")).toBe("CREDENTIAL_NOT_AUTHENTIC");
    }
  });

  it("does not take another service's tokens, though signed with the same secret", () => {
    const other = withKeys(macaroonFormat({ service: "other" }), KEYS);
    expect(codeOf(() => other.authenticate(token))).toBe("CREDENTIAL_NOT_AUTHENTIC");
    expect(codeOf(() => format.authenticate(other.mint(CLAIMS)))).toBe("CREDENTIAL_NOT_AUTHENTIC");
  });

  it("derives root keys in their own domain", () => {
    const { identifier, caveats } = macaroonFromText(token);
    for (const rootKey of [hmac(SECRET, identifier), new TextEncoder().encode(SECRET), new Uint8Array(32)]) {
      const forged = toBase64(
        encodeMacaroon({ location: "lsat", identifier, caveats, signature: sign(rootKey, identifier, caveats) }),
      );
      expect(codeOf(() => format.authenticate(forged))).toBe("CREDENTIAL_NOT_AUTHENTIC");
    }
    // Made to the letter of the specification: without the derivation of the first key.
    const literal = caveats.reduce((key, caveat) => hmac(key, caveat), hmac(rootKeyOf(identifier), identifier));
    const forged = toBase64(encodeMacaroon({ location: "lsat", identifier, caveats, signature: literal }));
    expect(codeOf(() => format.authenticate(forged))).toBe("CREDENTIAL_NOT_AUTHENTIC");
  });
});
