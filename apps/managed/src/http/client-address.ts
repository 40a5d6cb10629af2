/** Who asks, for limits: the address of the connection, or the last one that a proxy in front has written. */
export function clientAddress(remoteAddress: string | undefined, forwardedFor: string | undefined): string {
  return (forwardedFor?.split(",").at(-1)?.trim() || remoteAddress || "unknown").slice(0, 45);
}
