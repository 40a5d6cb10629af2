/**
 * The names of the buckets that a request takes from: the same as in `@l402/core`. One customer may have a whole IPv6
 * /56, so its addresses count as one client. The second bucket is that of the /48, because anybody can get a /48 for
 * free.
 */
export function customersOf(clientKey: string): string[] {
  if (!/^(?=.*:)[0-9a-f:]+$/i.test(clientKey)) return [clientKey.slice(0, 256)];
  // "::" stands for all the zeros that are missing.
  const zeros = "0:".repeat(Math.max(0, 9 - clientKey.split(":").length));
  const groups = clientKey.toLowerCase().replace("::", `:${zeros}`).split(":", 8);
  const address = groups.map((group) => group.slice(0, 4).padStart(4, "0")).join("");
  // All of IPv4 would be one /56 when it is written as IPv6, or translated to IPv6 (NAT64), so use the IPv4 address.
  const ipv4 = /^(?:0{20}ffff|0064ff9b0{16})(.{8})$/.exec(address);
  return ipv4 ? [ipv4[1] as string] : [address.slice(0, 14), address.slice(0, 12)];
}
