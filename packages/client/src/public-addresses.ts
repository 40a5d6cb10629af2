import { BlockList, isIP } from "node:net";

/** IPv4 addresses outside the public internet: this computer, private networks, clouds' metadata services. */
const private4 = blockList("ipv4", [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
]);

/** All of IPv6 that the internet routes. Addresses that contain an IPv4 address are outside of it, or in `special6`. */
const public6 = blockList("ipv6", [["2000::", 3]]);
const special6 = blockList("ipv6", [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
]);

/** True if an IP address is on the public internet. */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 4) return !private4.check(address, "ipv4");
  return version === 6 && public6.check(address, "ipv6") && !special6.check(address, "ipv6");
}

function blockList(version: "ipv4" | "ipv6", networks: [address: string, prefix: number][]): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of networks) list.addSubnet(address, prefix, version);
  return list;
}
