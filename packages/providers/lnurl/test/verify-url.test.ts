import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packVerifyUrl, unpackVerifyUrl } from "../src/verify-url.ts";

const hash = "0123456789abcdef".repeat(4);
const home = new URL("https://example.com/.well-known/lnurlp/alice");
const pack = (url: string) => packVerifyUrl(new URL(url), hash, home);
const unpack = (ref: string) => unpackVerifyUrl(ref, hash, home, false)?.href;

describe("a verify URL in a token", () => {
  it.each([
    [`https://example.com/verify/${hash}`, "https://example.com/verify/<>"],
    [`https://example.com/verify/${hash}?${"x".repeat(100)}`, `/verify/<>?${"x".repeat(100)}`],
    [`https://pay.blink.sv/lnurlp/alice/verify/${hash}`, "https://pay.blink.sv/lnurlp/alice/verify/<>"],
    ["https://example.com/v?id=894e7f7e", "https://example.com/v?id=894e7f7e"],
    [`https://example.com/${hash}/${hash}`, "https://example.com/<>/<>"],
    ["https://example.com:8443/v", "https://example.com:8443/v"],
    ["https://example.com.evil.com/v", "https://example.com.evil.com/v"],
    ["https://example.com//evil.com/v", "https://example.com//evil.com/v"],
    ["https://example.com/<>", "https://example.com/%3C%3E"],
    [`https://example.com/<>${"x".repeat(110)}`, `/%3C%3E${"x".repeat(110)}`],
  ])("%s becomes %s, and itself again", (url, ref) => {
    expect(pack(url)).toBe(ref);
    expect(unpack(ref)).toBe(new URL(url).href);
  });

  it("is left out where it is too long", () => {
    expect(pack(`https://example.com/${"x".repeat(127)}`)).toHaveLength(128);
    expect(pack(`https://example.com/${"x".repeat(128)}`)).toBeUndefined();
    expect(pack(`https://verify.example.com/${"x".repeat(110)}`)).toBeUndefined();
    // Without its host this would be another host.
    expect(pack(`https://example.com//evil.com/${"x".repeat(100)}`)).toBeUndefined();
  });

  it.each([
    "https://127.0.0.1/",
    "//localhost/v",
    "http://example.com/",
    "file:///etc/passwd",
    "https://[::1",
    "/\\10.0.0.1/",
  ])("is checked like any other address: %s", (ref) => expect(unpack(ref)).toBeUndefined());

  it("is always itself again, in at most 128 printable characters", () => {
    const text = fc.oneof(fc.webPath(), fc.string({ maxLength: 40 }), fc.constant(`/${hash}`));
    fc.assert(
      fc.property(fc.constantFrom("https://example.com", "https://other.com"), text, text, (origin, path, query) => {
        const url = new URL(origin);
        Object.assign(url, { pathname: path, search: query });
        const ref = packVerifyUrl(url, hash, home);
        if (ref === undefined) return;
        expect(ref).toMatch(/^[!-~]{1,128}$/);
        expect(unpackVerifyUrl(ref, hash, home, false)?.href).toBe(url.href);
      }),
    );
  });
});
