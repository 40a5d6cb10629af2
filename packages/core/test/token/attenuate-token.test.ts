import { describe, expect, it } from "vitest";
import { attenuateToken, type Narrowing } from "../../src/index.ts";
import { offerOf, openShop, request } from "../shop.ts";

const genuine = async () => offerOf(await openShop().paywall.check(request("/a"), { price: 1 })).token;
const invalid = expect.objectContaining({ code: "CONFIG_INVALID" });

describe("attenuateToken", () => {
  it.each<[string, Narrowing]>([
    ["nothing", {}],
    ["a misspelt narrowing", { expires: new Date("2099-01-01") } as Narrowing],
    ["a narrowing with a misspelt part", { uses: 1, resorce: "GET /a" } as Narrowing],
    ["a resource beyond ASCII", { resource: "münchen" }],
    ["an empty resource", { resource: "" }],
    ["no uses", { uses: 0 }],
    ["half a use", { uses: 0.5 }],
    ["an invalid date", { expiresAt: new Date(Number.NaN) }],
    ["a date before 1970", { expiresAt: new Date(-1) }],
  ])("refuses %s, which no server could check", async (_, narrowing) => {
    const token = await genuine();
    expect(() => attenuateToken(token, narrowing)).toThrow(invalid);
  });

  it("stops at 16 caveats, as the server does", async () => {
    let token = await genuine();
    for (let i = 0; i < 16; i++) token = attenuateToken(token, { resource: "GET /a" });
    expect(() => attenuateToken(token, { resource: "GET /a" })).toThrow(invalid);
  });

  it("stops at 4 KiB, as the server does", async () => {
    let token = await genuine();
    const long = { resource: `GET /${"a".repeat(500)}` };
    for (let i = 0; i < 7; i++) token = attenuateToken(token, long);
    expect(() => attenuateToken(token, long)).toThrow(invalid);
  });

  it.each(["", "x", "e30", "AgIK", "AAAA", "not base64!"])("refuses %o, which is no token", (token) => {
    const malformed = expect.objectContaining({ code: "CREDENTIAL_MALFORMED" });
    expect(() => attenuateToken(token, { uses: 1 })).toThrow(malformed);
  });
});
