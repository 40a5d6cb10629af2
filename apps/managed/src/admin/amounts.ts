/** Millisatoshis as sats, for people: exact, or as whole ones. No zeros at the end: 5.550 is read as 5550 in many places. */
export const sats = (msat: number, digits: 0 | 3 = 3): string =>
  (msat / 1_000).toLocaleString("en-US", { maximumFractionDigits: digits });

/** "1 payment", "2,000 payments". */
export const counted = (count: number, what: string): string =>
  `${count.toLocaleString("en-US")} ${what}${count === 1 ? "" : "s"}`;

/** An instant, to the second, in UTC. */
export const instant = (at: Date): string => at.toISOString().slice(0, 19).replace("T", " ");
