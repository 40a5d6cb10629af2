import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBase64, toBase64, toBase64Url, toHex } from "../../src/bytes.ts";
import { createKeyRing } from "../../src/token/key-ring.ts";
import { encodeMacaroon, type Macaroon, macaroonFromText } from "../../src/token/macaroon-codec.ts";
import { macaroonFormat } from "../../src/token/macaroon-format.ts";
import { anyClaims, CLAIMS, codeOf, hmac, KEYS, resign, rootKeyOf, SECRET, sign } from "./macaroon-fixtures.ts";

const format = macaroonFormat()(KEYS);
const token = format.mint(CLAIMS);
const bytes = fromBase64(token) as Uint8Array;
const OTHER = "another secret of at least thirty-two bytes, for tests";

describe("minting", () => {
  it("writes a macaroon as Aperture does, and three caveats of ours", () => {
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
    const weather = macaroonFormat({ service: "weather.v1" })(KEYS);
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
      expect(() => macaroonFormat({ service: service as string }), String(service)).toThrow(/^service /);
      expect(codeOf(() => macaroonFormat({ service: service as string }))).toBe("CONFIG_INVALID");
    }
    const unknownCaveats = "ignore" as "skip";
    expect(() => macaroonFormat({ unknownCaveats })).toThrow(/^unknownCaveats /);
    expect(codeOf(() => macaroonFormat({ unknownCaveats }))).toBe("CONFIG_INVALID");
    for (const service of ["a", "A-b_c.9", "x".repeat(64)])
      expect(macaroonFormat({ service })(KEYS).name).toBe("macaroon");
  });
});

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
    // The shape before anything is computed.
    expect(codeOf(() => format.authenticate(wrongSignature({ location: "lsas" })))).toBe("CREDENTIAL_MALFORMED");
    expect(codeOf(() => format.authenticate(wrongSignature({ location: "" })))).toBe("CREDENTIAL_MALFORMED");
    // An unsigned caveat is not looked at, whatever it says.
    expect(codeOf(() => format.authenticate(wrongSignature({ caveats: [...caveats, "unknown"] })))).toBe(
      "CREDENTIAL_NOT_AUTHENTIC",
    );
    // A signature of ours is no reason to trust an identifier or a location.
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
    const other = macaroonFormat({ service: "other" })(KEYS);
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
    // By the letter of the specification: no derivation of the first key.
    const literal = caveats.reduce((key, caveat) => hmac(key, caveat), hmac(rootKeyOf(identifier), identifier));
    const forged = toBase64(encodeMacaroon({ location: "lsat", identifier, caveats, signature: literal }));
    expect(codeOf(() => format.authenticate(forged))).toBe("CREDENTIAL_NOT_AUTHENTIC");
  });
});

describe("rotating the secret", () => {
  const old = { id: "2026-05", secret: SECRET };
  const fresh = { id: "2026-11", secret: OTHER };
  const before = macaroonFormat()(createKeyRing([old]));
  const during = macaroonFormat()(createKeyRing([fresh, old]));
  const after = macaroonFormat()(createKeyRing([fresh]));

  it("honours the old key's tokens until it is removed", () => {
    expect(during.authenticate(before.mint(CLAIMS)).claims).toEqual(CLAIMS);
    expect(codeOf(() => after.authenticate(before.mint(CLAIMS)))).toBe("CREDENTIAL_NOT_AUTHENTIC");
  });

  it("signs with the first key", () => {
    expect(after.authenticate(during.mint(CLAIMS)).claims).toEqual(CLAIMS);
    expect(codeOf(() => before.authenticate(during.mint(CLAIMS)))).toBe("CREDENTIAL_NOT_AUTHENTIC");
  });

  it("marks the token with a hash of the key's id, and says the same for an unknown key and a wrong one", () => {
    const { identifier } = macaroonFromText(before.mint(CLAIMS));
    const tag = createHash("sha256").update("l402/macaroon/key-id/2026-05").digest("hex").slice(0, 32);
    expect(toHex(identifier.slice(50))).toBe(tag);

    const sameId = macaroonFormat()(createKeyRing([{ id: old.id, secret: OTHER }]));
    const message = (run: () => unknown) => {
      try {
        run();
      } catch (error) {
        return (error as Error).message;
      }
      return undefined;
    };
    const wrong = message(() => sameId.authenticate(before.mint(CLAIMS)));
    expect(wrong).toBeDefined();
    expect(message(() => after.authenticate(before.mint(CLAIMS)))).toBe(wrong);
  });

  it("does not let one key of the ring pass for another", () => {
    const minted = before.mint(CLAIMS);
    const tag = macaroonFromText(after.mint(CLAIMS)).identifier.slice(50);
    const { identifier } = macaroonFromText(minted);
    const moved = Uint8Array.of(...identifier.slice(0, 50), ...tag);
    expect(codeOf(() => during.authenticate(resign(minted, { identifier: moved })))).toBe("CREDENTIAL_NOT_AUTHENTIC");
    expect(during.authenticate(resign(minted, { identifier: moved }, OTHER)).claims).toEqual(CLAIMS);
  });
});
