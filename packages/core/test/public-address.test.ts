import { BlockList } from "node:net";
import { describe, expect, it } from "vitest";
import { isPublicAddress } from "../src/index.ts";

/** What is not public, by the registries of IANA. All of IPv6 that the internet routes is in 2000::/3. */
const PRIVATE_4 = ["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"].concat(
  ["192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"],
  ["203.0.113.0/24", "224.0.0.0/3"],
);
const SPECIAL_6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

function blockList(networks: readonly string[], version: "ipv4" | "ipv6"): BlockList {
  const list = new BlockList();
  for (const [address = "", prefix] of networks.map((network) => network.split("/"))) {
    list.addSubnet(address, Number(prefix), version);
  }
  return list;
}

describe("an address of the public internet", () => {
  it.each(["1.1.1.1", "8.8.8.8", "100.63.0.1", "172.15.0.1", "172.32.0.1", "192.169.0.1", "223.255.255.255"])(
    "is %s",
    (address) => expect(isPublicAddress(address)).toBe(true),
  );

  it.each(["2606:4700::1111", "2a00:1450:4001::1", "2001:4860:4860::8888", "2A00::1", "3ffe::1"])("is %s", (address) =>
    expect(isPublicAddress(address)).toBe(true),
  );

  it.each([
    ["this computer", "127.0.0.1", "0.0.0.0", "::1", "::"],
    ["a private network", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fe80::1", "fec0::1"],
    ["a cloud's metadata", "169.254.169.254", "fd00:ec2::254", "168.63.129.16", "100.100.100.200", "192.0.0.192"],
    ["of a provider's own", "100.64.0.1", "192.0.0.8", "198.18.0.1"],
    ["for documentation", "192.0.2.1", "198.51.100.1", "203.0.113.9", "2001:db8::1", "3fff::1", "100::1"],
    ["for many", "224.0.0.1", "240.0.0.1", "255.255.255.255", "ff02::1"],
    ["another in disguise", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::a00:1", "2002:7f00:1::", "2001::1"],
    ["no address", "", "example.com", "1.2.3", "1.2.3.256", "1.2.3.4.5", ":", "g::1", "0x7f.0.0.1", "fe80::1%eth0"],
  ])("is not one that is %s", (_, ...addresses) => {
    for (const address of addresses) expect(isPublicAddress(address), address).toBe(false);
  });

  it("is what the registries say, for the start of every /16 and for both ends of what is in them", () => {
    const private4 = blockList(PRIVATE_4, "ipv4");
    const isPublic4 = (address: string) => !private4.check(address, "ipv4");
    const routed6 = blockList(["2000::/3"], "ipv6");
    const special6 = blockList(SPECIAL_6, "ipv6");
    const isPublic6 = (address: string) => routed6.check(address, "ipv6") && !special6.check(address, "ipv6");
    const wrong: string[] = [];
    const compare = (address: string, isPublic: boolean) => {
      if (isPublicAddress(address) !== isPublic) wrong.push(address);
    };
    for (let i = 0; i < 65_536; i++) {
      const [a, b] = [i >> 8, i & 255];
      const rests4 = [100, 169, 192, 198, 203].includes(a)
        ? ["0.0", "0.255", "2.1", "99.255", "100.7", "113.9"]
        : ["0.1"];
      for (const rest of rests4) compare(`${a}.${b}.${rest}`, isPublic4(`${a}.${b}.${rest}`));
      const isMixed = [0x2001, 0x2002, 0x3fff].includes(i);
      const rests6 = isMixed
        ? ["::", ":0:1::", ":1ff::1", ":200::", ":db7::", ":db8::", ":db9::", ":fff::1", ":1000::"]
        : ["::1"];
      for (const rest of rests6) compare(`${i.toString(16)}${rest}`, isPublic6(`${i.toString(16)}${rest}`));
    }
    expect(wrong).toEqual([]);
  });
});
