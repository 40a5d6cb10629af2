import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressUrl, serviceUrl } from "../src/service-url.ts";

const onion = `${"a".repeat(56)}.onion`;

describe("a Lightning Address", () => {
  it.each([
    ["alice@example.com", "https://example.com/.well-known/lnurlp/alice"],
    ["Alice@Example.COM", "https://example.com/.well-known/lnurlp/alice"],
    ["al.ice_b-c+tag@pay.example.co.uk", "https://pay.example.co.uk/.well-known/lnurlp/al.ice_b-c+tag"],
    ["alice@example.com:8443", "https://example.com:8443/.well-known/lnurlp/alice"],
    [`alice@${onion}`, `http://${onion}/.well-known/lnurlp/alice`],
  ])("%s is asked for at %s", (address, url) => {
    expect(addressUrl(address, false)?.href).toBe(url);
  });

  it.each([
    "",
    "alice",
    "@example.com",
    "alice@",
    "a@b@example.com",
    "al ice@example.com",
    ".@example.com",
    "..@example.com",
    "a/b@example.com",
    "a%2fb@example.com",
    "a?b@example.com",
    "alice@example.com/path",
    "alice@example.com?x",
    "alice@example.com#x",
    "alice@exa mple.com",
    "alice@example.com\\@evil.com",
    "alice@bücher.de",
    `alice@${"a".repeat(400)}.com`,
    undefined,
    7,
  ])("%s is none", (address) => {
    expect(addressUrl(address, false)).toBeUndefined();
    expect(addressUrl(address, true)).toBeUndefined();
  });
});

describe("addressUrl", () => {
  it("leads to the host after the @ and to one path, whatever is written", () => {
    const character = fc.constantFrom(..."ab.@/\\?#:%[]-_+0127 \t\n~é");
    const text = fc.oneof(fc.string({ unit: character, maxLength: 20 }), fc.string());
    fc.assert(
      fc.property(text, text, (name, host) => {
        const url = addressUrl(`${name}@${host}`, false);
        if (!url) return;
        expect(url.href).toBe(`https://${host.toLowerCase()}/.well-known/lnurlp/${name.toLowerCase()}`);
        expect(url.host).toBe(host.toLowerCase());
      }),
      { numRuns: 2_000 },
    );
  });
});

/** Every spelling of a place that only this computer, its network or its cloud can reach. */
const PRIVATE = [
  "localhost",
  "localhost.",
  "printer",
  "db.internal",
  "router.local",
  "nas.lan",
  "127.0.0.1",
  "127.1",
  "2130706433",
  "0x7f000001",
  "0177.0.0.1",
  "0.0.0.0",
  "0",
  "10.0.0.1",
  "172.16.0.1",
  "192.168.1.1",
  "169.254.169.254",
  "100.64.0.1",
  "198.18.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "[::1]",
  "[::]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[::127.0.0.1]",
  "[64:ff9b::7f00:1]",
  "[2002:7f00:1::]",
  "[2001::1]",
  "[2001:db8::1]",
  "[fc00::1]",
  "[fd12::1]",
  "[fe80::1]",
  "[fec0::1]",
  "[ff02::1]",
];

describe("an address that may be asked", () => {
  it.each(PRIVATE)("is not %s, which leads into the network of the server", (host) => {
    expect(serviceUrl(`https://${host}/callback`, false)).toBeUndefined();
    expect(addressUrl(`alice@${host}`, false)).toBeUndefined();
  });

  it.each([
    "http://example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "data:application/json,{}",
    "javascript:1",
    "gopher://example.com",
    "https://user@example.com/",
    "https://:password@example.com/",
    `https://example.com/${"x".repeat(3000)}`,
    "//example.com/",
    "",
  ])("is not %s", (url) => {
    expect(serviceUrl(url, false)).toBeUndefined();
    expect(serviceUrl(url, true)).toBeUndefined();
  });

  it.each(["https://example.com/", "https://8.8.8.8/", "https://[2606:4700::1111]/", `http://${onion}/`])(
    "is %s",
    (url) => {
      expect(serviceUrl(url, false)?.href).toBe(url);
    },
  );

  it("is a private one where that is allowed, over HTTP too", () => {
    for (const url of ["http://127.0.0.1:3000/", "https://192.168.1.5/", "http://lnbits.local/"]) {
      expect(serviceUrl(url, true)?.href).toBe(url);
    }
    expect(addressUrl("alice@localhost:3000", true)?.href).toBe("http://localhost:3000/.well-known/lnurlp/alice");
    expect(addressUrl("alice@lnbits.local", true)?.href).toBe("https://lnbits.local/.well-known/lnurlp/alice");
  });
});
