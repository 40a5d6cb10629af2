import { describe, expect, it } from "vitest";
import { isPublicAddress as forClients } from "../../packages/client/src/public-addresses.ts";
import { isPublicAddress as forAddresses } from "../../packages/providers/lnurl/src/public-address.ts";

// Both packages refuse what is not on the public internet: the client with Node's own lists, LNURL also where there is no
// Node. Neither depends on the other, so nothing but this keeps them together.
describe("the public internet of @l402/client and of @l402/lnurl", () => {
  const bytes = [
    0, 1, 2, 9, 10, 11, 15, 16, 31, 32, 63, 64, 88, 99, 100, 113, 127, 128, 168, 169, 172, 192, 198, 203, 223,
  ];
  const firsts = Array.from({ length: 256 }, (_, a) => a);

  it("is the same for IPv4", () => {
    const addresses = firsts.flatMap((a) =>
      [...bytes, 18, 19, 51, 254, 255].flatMap((b) => [0, 2, 88, 99, 100, 113, 255].map((c) => `${a}.${b}.${c}.1`)),
    );
    expect(addresses.filter((address) => forAddresses(address) !== forClients(address))).toEqual([]);
    expect(addresses.filter(forClients).length).toBeGreaterThan(10_000);
  });

  it("is the same for IPv6", () => {
    const high = [
      0, 1, 0x64, 0x1fff, 0x2000, 0x2001, 0x2002, 0x2003, 0x2600, 0x3ffe, 0x3fff, 0x4000, 0xfc00, 0xfe80, 0xff02,
    ];
    const low = [0, 1, 0x1ff, 0x200, 0xdb7, 0xdb8, 0xdb9, 0xfff, 0x1000, 0xff9b, 0xffff];
    const pairs = high.flatMap((a) => low.map((b) => `${a.toString(16)}:${b.toString(16)}`));
    const addresses = [
      ...pairs.flatMap((pair) => [`${pair}::1`, `${pair}:0:0:0:0:0:1`]),
      "::",
      "::1",
      "::ffff:8.8.8.8",
    ];
    expect(addresses.filter((address) => forAddresses(address) !== forClients(address))).toEqual([]);
    expect(addresses.filter(forClients).length).toBeGreaterThan(50);
  });

  it("has nothing that is no address", () => {
    for (const text of ["", "localhost", "1.2.3", "1.2.3.4.5", "256.1.1.1", "zz::1"]) {
      expect([text, forAddresses(text), forClients(text)]).toEqual([text, false, false]);
    }
  });
});
