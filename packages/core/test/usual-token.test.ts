import { Buffer } from "node:buffer";
import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import {
  attenuateToken,
  createKeyRing,
  describeToken,
  isL402Error,
  isPreimageOf,
  macaroonFormat,
  parseAuthorization,
  signedJsonFormat,
  type TokenClaims,
} from "../src/index.ts";
import { signUsualHead } from "../src/quick/sign-usual-head.ts";
import { readUsualToken } from "../src/quick/usual-token.ts";
import { signAnyHead } from "../src/token/signed-json/sign-head.ts";
import { authenticateAny } from "../src/token/signed-json/signed-json-format.ts";

const secret = "a secret for tests, at least 32 bytes long";
const keys = createKeyRing([
  { id: "k1", secret },
  { id: "k10", secret: `another ${secret}` },
]);
const format = signedJsonFormat();
const usual: TokenClaims = {
  paymentHash: "0123456789abcdef".repeat(4),
  resource: "GET /weather",
  amountMsat: 10_000,
  uses: 3,
  expiresAt: new Date("2026-06-01T00:00:00Z"),
  tokenId: "AAAAAAAAAAAAAAAAAAAAAA",
};
const encode = (text: string) => Buffer.from(text, "latin1").toString("base64url");
const decode = (token: string) => Buffer.from(token, "base64url").toString("latin1");
/** Signs any text, as another program with the same secret could. */
const sign = (head: string) =>
  encode(`${head},"sig":"${createHmac("sha256", secret).update(head, "latin1").digest("base64url")}"}`);
const headOf = (token: string) => decode(token).slice(0, -53);

/** Returns the answer (`undefined` for a token that is not ours), or the code of the refusal. */
function answer(authenticate: (token: string) => unknown, token: string) {
  try {
    return authenticate(token);
  } catch (error) {
    if (!isL402Error(error)) throw error;
    return error.code;
  }
}
function expectSame(token: string) {
  const all = answer((text) => authenticateAny(text, keys), token);
  expect(answer((text) => format.authenticate(text, keys), token)).toEqual(all);
  return all;
}

const text = fc.string({
  unit: fc.mapToConstant({ num: 95, build: (i) => String.fromCharCode(32 + i) }),
  maxLength: 40,
});
const claims: fc.Arbitrary<TokenClaims> = fc.record(
  {
    paymentHash: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString("hex")),
    resource: fc.oneof(text, fc.constant("GET /weather")),
    amountMsat: fc.oneof(
      fc.integer({ min: 1 }),
      fc.maxSafeNat().map((n) => n || 1),
    ),
    uses: fc.oneof(fc.integer({ min: 1, max: 1e9 }), fc.constant("unlimited" as const)),
    expiresAt: fc
      .oneof(fc.integer({ min: 1e9, max: 1e10 - 1 }), fc.integer({ min: 1, max: 8_640_000_000_000 }))
      .map((seconds) => new Date(seconds * 1000)),
    tokenId: fc.oneof(fc.constant(usual.tokenId), text),
    providerRef: fc.constantFrom("ref", "a b"),
    computed: fc.constant(true as const),
  },
  { requiredKeys: ["paymentHash", "resource", "amountMsat", "uses", "expiresAt", "tokenId"] },
);

describe("the quick way for usual tokens", () => {
  it("is taken by what is sold every day", () => {
    for (const uses of [1, 1_000_000_000, "unlimited"] as const) {
      const sold = { ...usual, uses };
      expect(readUsualToken(format.mint(sold, keys) as string, keys)).toEqual(sold);
    }
    expect(readUsualToken(sign(`${headOf(format.mint(usual, keys) as string)}1`), createKeyRing("x".repeat(32)))).toBe(
      "forged",
    );
  });

  it("writes the same as the way for all tokens, for any head", () => {
    const unit = fc.constantFrom("a", '"', "é", "\u0800", "\u{10ffff}", "\ud800");
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 1400 }), (head) => {
        expect(signUsualHead(head, keys.current)).toBe(signAnyHead(head, keys.current));
      }),
    );
    expect(signUsualHead("\u0800".repeat(1300), keys.current)).toBe(signAnyHead("\u0800".repeat(1300), keys.current));
  });

  it("leaves tokens to the way for all, where somebody else made the keys", () => {
    const { id, sign } = keys.current;
    const others = { current: { id, sign }, find: () => ({ id, sign }), all: () => [{ id, sign }] };
    const token = format.mint(usual, others) as string;
    expect(token).toBe(format.mint(usual, keys));
    expect(readUsualToken(token, others)).toBeUndefined();
    expect(format.authenticate(token, others)).toEqual({ claims: usual, caveats: [] });
  });

  it("leaves tokens to the way for all, where another copy of this package made the keys", async () => {
    vi.resetModules();
    const { createKeyRing: createOther } = await import("../src/index.ts");
    const others = createOther(secret);
    for (let i = 0; i < 2; i++) {
      const token = format.mint(usual, others) as string;
      expect(token).toBe(format.mint(usual, keys));
      expect(format.authenticate(token, others)).toEqual({ claims: usual, caveats: [] });
      const forged = encode(decode(token).replace("0123", "3210"));
      expect(format.authenticate(forged, others)).toBeUndefined();
    }
  });

  it("goes by the key's name in the token, where a ring answers with a key of another name", () => {
    for (const id of ["k", "k1234", "x".repeat(5000)]) {
      const other = { ...keys.current, id };
      const ring = { current: other, find: () => other, all: () => [other] };
      const token = format.mint(usual, keys) as string;
      expect(authenticateAny(token, ring)).toEqual({ claims: usual, caveats: [] });
      expect(format.authenticate(token, ring)).toEqual({ claims: usual, caveats: [] });
    }
  });

  it("takes nothing from the token that was read before", () => {
    const long = format.mint({ ...usual, resource: "GET /a/longer/one" }, keys) as string;
    const token = format.mint(usual, keys) as string;
    for (let length = 0; length < token.length; length++) {
      format.authenticate(long, keys);
      expect([undefined, "CREDENTIAL_MALFORMED"]).toContain(expectSame(token.slice(0, length)));
    }
  });

  it("answers the same again, whatever was read in between", () => {
    const preimages = ["0f".repeat(32), "f0".repeat(32)] as const;
    const tokens = preimages.map((preimage, i) => {
      const paymentHash = createHash("sha256").update(preimage, "hex").digest("hex");
      return format.mint({ ...usual, paymentHash, resource: `GET /${i}` }, keys) as string;
    }) as [string, string];
    const forged = tokens.map((token) => encode(decode(token).replace("GET", "PUT"))) as [string, string];
    const narrowed = attenuateToken(tokens[0], { uses: 1 });
    const ofOldKey = format.mint(usual, createKeyRing([{ id: "k10", secret: `another ${secret}` }])) as string;
    const [hash, other] = preimages.map((preimage) => createHash("sha256").update(preimage, "hex").digest("hex"));
    const questions: (() => unknown)[] = [
      ...[...tokens, ...forged, narrowed, ofOldKey, "AAAA", "!", ""].map((token) => () => answerTo(token)),
      ...tokens.flatMap((token) => preimages.map((preimage) => () => parseAuthorization(`L402 ${token}:${preimage}`))),
      () => parseAuthorization(`L402 ${tokens[0]}:${preimages[1].toUpperCase()}`),
      () => answer(() => parseAuthorization(`L402 ${tokens[0]}:${preimages[1].slice(1)}g`), ""),
      () => answer(() => parseAuthorization(`L402 ${tokens[0]}A:${preimages[0]}`), ""),
      ...preimages.map((preimage) => () => [isPreimageOf(preimage, `${hash}`), isPreimageOf(preimage, `${other}`)]),
      () => isPreimageOf(preimages[0].toUpperCase(), `${hash}`),
      () => isPreimageOf(`${preimages[0].slice(1)}x`, `${hash}`),
      // These are as long as the tokens above.
      () => format.mint({ ...usual, resource: "GET /2" }, keys),
      () => keys.current.sign(Buffer.from(tokens[1], "base64url")),
      () => describeToken(macaroonFormat().mint(usual, keys) as string),
      () => macaroonFormat().authenticate(macaroonFormat().mint(usual, keys) as string, keys),
    ];
    const answerTo = (token: string) => answer((text) => format.authenticate(text, keys), token);
    const answers = questions.map((ask) => ask());
    expect(answers.slice(0, 2)).toMatchObject([{ caveats: [] }, { caveats: [] }]);
    expect(answers.slice(2, 4)).toEqual([undefined, undefined]);
    const step = fc.nat({ max: questions.length - 1 });
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 12 }), (steps) => {
        for (const i of steps) expect(questions[i]?.()).toEqual(answers[i]);
      }),
      { numRuns: 2000 },
    );
  });

  it("gives the same as the way for all tokens, for everything that can be minted", () => {
    fc.assert(
      fc.property(claims, (minted) => {
        expect(expectSame(format.mint(minted, keys) as string)).toEqual({ claims: minted, caveats: [] });
      }),
      { numRuns: 500 },
    );
  });

  it("gives the same as the way for all tokens, when one is narrowed, damaged or spelled otherwise", () => {
    const token = format.mint(usual, keys) as string;
    expectSame(attenuateToken(token, { resource: "GET /weather/today", uses: 1 }));
    expectSame(Buffer.from(decode(token)).toString("base64"));
    for (const end of ["=", "==", "A", "AA", " ", "\n", ",", "\u0141"]) expectSame(`${token}${end}`);
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 0x1ff }), (position, code) => {
        const at = position % token.length;
        expectSame(token.slice(0, at) + String.fromCharCode(code) + token.slice(at + 1));
      }),
      { numRuns: 1000 },
    );
  });

  it("gives the same as the way for all tokens, for any text under our signature or another one", () => {
    const head = headOf(format.mint(usual, keys) as string);
    const parts = [
      '"',
      "\\",
      ",",
      "0",
      "-1",
      "1.5",
      "e3",
      "]",
      '"unlimited"',
      ',"caveats":',
      ',"sig":"',
      "é",
      "\u0000",
      "A",
    ];
    fc.assert(
      fc.property(fc.nat(), fc.nat(12), fc.constantFrom(...parts), fc.boolean(), (position, removed, part, signed) => {
        const at = position % (head.length + 1);
        const changed = head.slice(0, at) + part + head.slice(at + removed);
        expectSame(signed ? sign(changed) : encode(changed + decode(format.mint(usual, keys) as string).slice(-53)));
      }),
      { numRuns: 3000 },
    );
    for (const changed of [
      head.replace('"k1"', '"k10"'),
      head.replace('"k1"', '"k2"'),
      head.replace("10000", "010000"),
      head.replace("10000", "9007199254740993"),
      head.replace("10000", "0"),
      head.replace(/"exp":\d+/, '"exp":8640000000001'),
      head.replace("0123", "ABCD"),
      head.replace("0123", "012"),
      head.replace(usual.tokenId, ""),
      `${head},"computed":true`,
      head.slice(0, -1),
    ]) {
      expectSame(sign(changed));
    }
  });
});
