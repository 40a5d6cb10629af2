/** Millisatoshis as sats, for people. */
export const sats = (msat: number, digits = 3): string =>
  (msat / 1_000).toLocaleString("en-US", { maximumFractionDigits: digits });

/** An instant, to the second, in UTC. */
export const instant = (at: Date): string => at.toISOString().slice(0, 19).replace("T", " ");
