/**
 * Whose buckets a request takes from: the same as in `@l402/core`. One customer may have a whole IPv6 /56, so its addresses
 * count as one client; the second bucket is that of its /48, which is to be had for nothing.
 */
export function customersOf(clientKey: string): string[] {
  if (!/^(?=.*:)[0-9a-f:]+$/i.test(clientKey)) return [clientKey.slice(0, 256)];
  // "::" stands for as many zeros as are missing.
  const zeros = "0:".repeat(Math.max(0, 9 - clientKey.split(":").length));
  const groups = clientKey.toLowerCase().replace("::", `:${zeros}`).split(":", 8);
  const address = groups.map((group) => group.slice(0, 4).padStart(4, "0")).join("");
  // All of IPv4 is one /56 where it is written as IPv6, or translated to it (NAT64).
  const ipv4 = /^(?:0{20}ffff|0064ff9b0{16})(.{8})$/.exec(address);
  return ipv4 ? [ipv4[1] as string] : [address.slice(0, 14), address.slice(0, 12)];
}
