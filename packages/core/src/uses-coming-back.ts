/**
 * Longer than all tries to give a use back take. On Workers, the end of a request cuts them off, and none is known to
 * end.
 */
const LONGEST_MS = 600_000;

/** Knows which uses are on their way back to their store, so that a token without any left does not count as used up. */
export function createUsesComingBack() {
  /** By the key of a use: how many are on their way back, and until when they may arrive. */
  const returns = new Map<string, { uses: number; until: number }>();

  return {
    /** True while a use with this key may still come back. */
    has(key: string): boolean {
      const entry = returns.get(key);
      return !!entry && entry.until > Date.now();
    },

    /** Notes that a use is on its way back until `arrival` settles, and returns that promise. */
    add<Arrival>(key: string, arrival: Promise<Arrival>): Promise<Arrival> {
      const entry = returns.get(key) ?? { uses: 0, until: 0 };
      returns.set(key, entry);
      entry.uses++;
      entry.until = Date.now() + LONGEST_MS;
      const end = () => --entry.uses || returns.delete(key);
      arrival.then(end, end);
      return arrival;
    },
  };
}
