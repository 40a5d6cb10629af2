/** Who asks, for limits: the address of the connection, or the last one that a proxy in front has written. */
export function clientAddress(remoteAddress: string | undefined, forwardedFor: string | undefined): string {
  return networkOf(forwardedFor?.split(",").at(-1)?.trim() || remoteAddress || "unknown").slice(0, 45);
}

/** Whoever has one IPv6 address has all of its /64. */
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("::");
  const given = head.split(":").filter(Boolean);
  const rest = tail?.split(":").filter(Boolean) ?? [];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - given.length - rest.length);
  return [...given, ...Array<string>(zeros).fill("0"), ...rest].slice(0, 4).join(":");
}
