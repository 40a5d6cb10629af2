import { type Clock, systemClock } from "./interfaces/clock.ts";
import type { Use, UseStore } from "./interfaces/use-store.ts";
import { refuseUnknownOptions } from "./known-options.ts";

/**
 * Counts uses in this process. For one server process; several need a store that they share.
 *
 * Counts are kept in one map per minute of expiry, so that forgetting is dropping a map: no timers, no scans.
 */
export function createMemoryUseStore(options: { clock?: Clock } = {}): UseStore & { readonly size: number } {
  refuseUnknownOptions("createMemoryUseStore", options, ["clock"]);
  const { clock = systemClock } = options;
  const minutes = new Map<number, Map<string, number>>();
  let sweptUntil = minuteOf(clock());

  const countsOf = ({ expiresAt }: Use): Map<string, number> | undefined => {
    const now = minuteOf(clock());
    if (now > sweptUntil) {
      sweptUntil = now;
      for (const minute of minutes.keys()) if (minute < now) minutes.delete(minute);
    }
    return minutes.get(minuteOf(expiresAt));
  };

  return {
    consume(use) {
      const counts = countsOf(use) ?? new Map<string, number>();
      if (use.expiresAt <= clock()) return false;
      minutes.set(minuteOf(use.expiresAt), counts);
      const used = counts.get(use.key) ?? 0;
      if (used >= use.limit) return false;
      counts.set(use.key, used + 1);
      return use.limit - used - 1;
    },
    release(use) {
      const counts = countsOf(use);
      const used = counts?.get(use.key) ?? 0;
      if (used > 1) counts?.set(use.key, used - 1);
      else counts?.delete(use.key);
    },
    /** How many tokens are being counted. */
    get size() {
      let size = 0;
      for (const counts of minutes.values()) size += counts.size;
      return size;
    },
  };
}

const minuteOf = (instant: Date) => Math.floor(instant.getTime() / 60_000);
