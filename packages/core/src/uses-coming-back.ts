/**
 * Longer than all tries to give a use back take. On Workers, the end of a request cuts them off, and none is known to
 * end.
 */
const LONGEST_MS = 600_000;

/**
 * Knows which uses are on their way back to their store, so that a token without any left does not count as used up.
 *
 * SECURITY: a buyer would pay again if the server's clock were set meanwhile (give-back.test.ts, "the clock is set to").
 */
export function createUsesComingBack() {
  /** By the key of a use: those on their way back, and until when each may arrive. */
  const returns = new Map<string, Set<{ until: number }>>();

  return {
    /** True while a use with this key may still come back. */
    has(key: string): boolean {
      for (const { until } of returns.get(key) ?? []) if (until > performance.now()) return true;
      return false;
    },

    /** Notes that a use is on its way back until `arrival` settles, and returns that promise. */
    add<Arrival>(key: string, arrival: Promise<Arrival>): Promise<Arrival> {
      const all = returns.get(key) ?? new Set();
      const one = { until: performance.now() + LONGEST_MS };
      returns.set(key, all.add(one));
      const end = () => all.delete(one) && !all.size && returns.delete(key);
      arrival.then(end, end);
      return arrival;
    },
  };
}
