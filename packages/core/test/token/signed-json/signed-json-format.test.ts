import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attenuateToken, createKeyRing, isL402Error, signedJsonFormat, type TokenClaims } from "../../../src/index.ts";
import { withKeys } from "../macaroon/macaroon-fixtures.ts";

const secret = "a secret for tests, at least 32 bytes long";
const format = withKeys(signedJsonFormat(), createKeyRing(secret));
const claims: TokenClaims = {
  paymentHash: "ab".repeat(32),
  resource: 'GET /weather?"\\,"caveats":["res=x"],"sig":"',
  amountMsat: 10_000,
  uses: 3,
  expiresAt: new Date("2026-06-01T00:00:00Z"),
  tokenId: "AAAAAAAAAAAAAAAAAAAAAA",
};
const encode = (text: string) => Buffer.from(text).toString("base64url");
const decode = (token: string) => Buffer.from(token, "base64url").toString();
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();

/** Signs any text, as an insider could, or another program with the same secret. */
function sign(
  head: string,
  caveats: string[] = [],
  written = caveats.length ? `,"caveats":${JSON.stringify(caveats)}` : "",
) {
  const signature = caveats.reduce<Buffer>((key, caveat) => hmac(key, caveat), hmac(secret, head));
  return encode(`${head}${written},"sig":"${signature.toString("base64url")}"}`);
}
const head = decode(format.mint(claims) as string)
  .replace(/,"sig".*/s, "")
  .replace(/,"sig":"[\w-]+"}$/, "");
const plain = `{"v":1,"kid":"k1","id":"x","hash":"${"ab".repeat(32)}","exp":1790000000,"res":"GET /a","msat":1,"uses":1`;

const codeOf = (token: string) => {
  try {
    format.authenticate(token);
    return "accepted";
  } catch (error) {
    if (!isL402Error(error)) throw error;
    return error.code;
  }
};

describe("the signed JSON token", () => {
  it("is the documented text, signed over its exact bytes", () => {
    const text = decode(format.mint({ ...claims, resource: "GET /weather" }) as string);
    const start = `{"v":1,"kid":"k1","id":"AAAAAAAAAAAAAAAAAAAAAA","hash":"${"ab".repeat(32)}","exp":1780272000,"res":"GET /weather","msat":10000,"uses":3`;
    expect(text).toBe(`${start},"sig":"${hmac(secret, start).toString("base64url")}"}`);
    expect(codeOf(sign(plain))).toBe("accepted");
    const computed = decode(format.mint({ ...claims, resource: "GET /weather", providerRef: "x", computed: true }));
    expect(computed.startsWith(`${start},"ref":"x","computed":true,"sig":"`)).toBe(true);
  });

  it("holds any printable resource, also one that looks like its own fields", () => {
    expect(format.authenticate(format.mint(claims) as string)).toEqual({ claims, caveats: [] });
    expect(head).toContain('\\"caveats\\"');
  });

  it("chains caveats as macaroons do, and tells their holders apart", () => {
    const token = attenuateToken(sign(plain), { resource: "GET /a", uses: 2, expiresAt: new Date(1_780_000_000_999) });
    const { caveats } = JSON.parse(decode(token)) as { caveats: string[] };
    expect(caveats).toEqual(["res=GET /a", "exp=1780000000", expect.stringMatching(/^uses=2 [\w-]{12}$/)]);
    expect(token).toBe(sign(plain, caveats));
    const chained = caveats.reduce<Buffer>((key, caveat) => hmac(key, caveat), hmac(secret, plain));
    expect(format.authenticate(token)).toMatchObject({
      caveats: [
        { type: "resource", resource: "GET /a" },
        { type: "expiry", expiresAt: new Date(1_780_000_000_000) },
        { type: "uses", uses: 2, id: createHash("sha256").update(chained).digest("hex").slice(0, 32) },
      ],
    });
  });

  it.each([
    ["an unknown field", `${plain},"admin":true`],
    ["a missing field", plain.replace(',"uses":1', "")],
    ["another order", plain.replace('"msat":1,"uses":1', '"uses":1,"msat":1')],
    ["milliseconds", plain.replace("1790000000", "1790000000.5")],
    ["an expiry as text", plain.replace("1790000000", '"1790000000"')],
    ["an expiry beyond all dates", plain.replace("1790000000", "9007199254740991")],
    ["a hash in upper case", plain.replace("abab", "ABAB")],
    ["a short hash", plain.replace("abab", "ab")],
    ["no amount", plain.replace('"msat":1', '"msat":0')],
    ["a negative amount", plain.replace('"msat":1', '"msat":-1')],
    ["an amount beyond exact numbers", plain.replace('"msat":1', '"msat":9007199254740993')],
    ["no uses", plain.replace('"uses":1', '"uses":0')],
    ["half a use", plain.replace('"uses":1', '"uses":0.5')],
    ["uses as text", plain.replace('"uses":1', '"uses":"1"')],
    ["a resource that is no text", plain.replace('"GET /a"', "[]")],
    ["a prototype", plain.replace('"uses":1', '"__proto__":{"uses":1}')],
    ["a computed price that is not so", `${plain},"computed":false`],
    ["a computed price that is nothing", `${plain},"computed":null`],
    ["a computed price as text", `${plain},"computed":"true"`],
    ["an optional field in another place", `${plain},"computed":true,"ref":"x"`],
    ["a reference that is nothing", `${plain},"ref":null`],
    ["text that is no JSON", `${plain},`],
  ])("is refused with %s, although the signature is genuine", (_, text) => {
    expect(codeOf(sign(text))).toBe("CREDENTIAL_NOT_AUTHENTIC");
  });

  it.each([
    ["another version", sign(plain.replace('"v":1', '"v":2'))],
    ["fields before the version", sign(plain.replace("{", '{"a":1,'))],
    ["white space", sign(plain.replace("{", "{ "))],
    ["an unknown caveat", sign(plain, ["admin=true"])],
    ["a caveat without a value", sign(plain, ["res="])],
    ["a caveat with a sign", sign(plain, ["uses=+1"])],
    ["a caveat in exponents", sign(plain, ["uses=1e3"])],
    ["a caveat with a line break", sign(plain, ["res=a\n"])],
    ["an empty list of caveats", sign(plain, [], ',"caveats":[]')],
    ["caveats twice", sign(plain, ["uses=1"], ',"caveats":["uses=1"],"caveats":["uses=1"]')],
    ["white space between caveats", sign(plain, ["uses=1", "uses=2"], ',"caveats":["uses=1", "uses=2"]')],
    ["an escaped caveat", sign(plain, ["uses=1"], ',"caveats":["\\u0075ses=1"]')],
    ["a caveat that is no text", sign(plain, ["uses=1"], ',"caveats":[1]')],
    ["17 caveats", sign(plain, Array<string>(17).fill("uses=1"))],
    ["text behind it", encode(`${decode(sign(plain))} `)],
    ["bytes beyond ASCII", encode(decode(sign(plain)).replace("GET", "GÉT"))],
    ["a byte order mark", encode(`\ufeff${decode(sign(plain))}`)],
    ["more than 4 KiB", sign(plain.replace("/a", `/${"a".repeat(4100)}`))],
    ["no JSON", encode("hello")],
    ["nothing", ""],
  ])("is malformed with %s", (_, token) => {
    expect(codeOf(token)).toBe("CREDENTIAL_MALFORMED");
  });

  it("is refused with its signature in the other alphabet", () => {
    const other = (text: string) => text.replace(/[-_]/g, (letter) => (letter === "-" ? "+" : "/"));
    let spelled = 0;
    for (let i = 0; i < 20; i++) {
      for (const text of [decode(sign(`${plain.replace("/a", `/${i}`)}`)), decode(sign(plain, [`uses=${i + 1}`]))]) {
        const respelled = text.replace(/.{45}$/, other);
        if (respelled === text) continue;
        expect(codeOf(encode(text))).toBe("accepted");
        expect(codeOf(encode(respelled))).toBe("CREDENTIAL_NOT_AUTHENTIC");
        spelled++;
      }
    }
    expect(spelled).toBeGreaterThan(10);
  });

  it("is refused when caveats are removed, changed or swapped", () => {
    const caveats = ["uses=1", "res=GET /a"];
    const text = decode(sign(plain, caveats));
    expect(codeOf(encode(text))).toBe("accepted");
    for (const changed of [
      text.replace(/,"caveats":\[.*?\]/, ""),
      text.replace('"uses=1",', ""),
      text.replace('["uses=1","res=GET /a"]', '["res=GET /a","uses=1"]'),
      text.replace("uses=1", "uses=9"),
    ]) {
      expect(codeOf(encode(changed))).toBe("CREDENTIAL_NOT_AUTHENTIC");
    }
  });

  it("never throws anything but an L402Error", () => {
    const genuine = decode(sign(plain, ["uses=1"]));
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: "binary" }).map(encode),
      fc.tuple(fc.nat(genuine.length), fc.nat(12), fc.string()).map(([at, cut, put]) => {
        return encode(genuine.slice(0, at) + put + genuine.slice(at + cut));
      }),
    );
    fc.assert(
      fc.property(text, (token) => {
        const same = token === encode(genuine);
        expect(codeOf(token)).toMatch(same ? /accepted/ : /^CREDENTIAL_(MALFORMED|NOT_AUTHENTIC)$/);
      }),
      { numRuns: 10_000 },
    );
  });

  it("refuses 64 KiB in well under a millisecond", () => {
    const token = "A".repeat(65_536);
    const times = Array.from({ length: 20 }, () => {
      const start = performance.now();
      expect(codeOf(token)).toBe("CREDENTIAL_MALFORMED");
      return performance.now() - start;
    });
    // The fastest run counts, because the machine may do other work meanwhile.
    expect(Math.min(...times)).toBeLessThan(0.5);
  });
});
