/** Millisatoshis as sats, for people: exact, or as whole ones. */
export const sats = (msat: number, digits: 0 | 3 = 3): string =>
  (msat / 1_000).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** An instant, to the second, in UTC. */
export const instant = (at: Date): string => at.toISOString().slice(0, 19).replace("T", " ");
