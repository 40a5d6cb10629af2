import { L402Error } from "./errors.ts";
import { type Clock, systemClock } from "./interfaces/clock.ts";
import type { UseStore } from "./interfaces/use-store.ts";
import { refuseUnknownOptions } from "./known-options.ts";

/** About 200 MB. */
const MAX_COUNTS = 1_000_000;

/**
 * Counts uses in this process. For one server process; several need a store that they share.
 *
 * Counts are kept in one map per minute of expiry, so that forgetting is dropping a map: no timers, no scans. When a
 * million tokens are being counted, others are refused: to forget one would be to sell it again.
 */
export function createMemoryUseStore(options: { clock?: Clock } = {}): UseStore & { readonly size: number } {
  refuseUnknownOptions("createMemoryUseStore", options, ["clock"]);
  const { clock = systemClock } = options;
  const minutes = new Map<number, Map<string, number>>();
  let size = 0;
  let sweptAt = 0;
  let forgotten = 0;

  const sweep = () => {
    const now = minuteOf(clock());
    if (now === sweptAt) return;
    sweptAt = now;
    for (const [minute, counts] of minutes) {
      if (minute >= now) continue;
      minutes.delete(minute);
      size -= counts.size;
      forgotten = Math.max(forgotten, minute);
    }
  };

  return {
    consume({ key, limit, expiresAt }) {
      sweep();
      if (expiresAt <= clock()) return false;
      const minute = minuteOf(expiresAt);
      // SECURITY: a clock that was ahead made us forget what was used (memory-use-store.test.ts, "set back").
      if (minute <= forgotten) throw new L402Error("STORE_UNAVAILABLE", "The clock was set back.");
      const counts = minutes.get(minute) ?? new Map<string, number>();
      const used = counts.get(key) ?? 0;
      if (used >= limit) return false;
      if (!used) {
        if (size === MAX_COUNTS) throw new L402Error("STORE_UNAVAILABLE", "Too many tokens are counted.");
        size++;
      }
      minutes.set(minute, counts.set(key, used + 1));
      return limit - used - 1;
    },
    release({ key, expiresAt }) {
      sweep();
      const counts = minutes.get(minuteOf(expiresAt));
      const used = counts?.get(key) ?? 0;
      if (used > 1) counts?.set(key, used - 1);
      else if (counts?.delete(key)) size--;
    },
    /** How many tokens are being counted. */
    get size() {
      return size;
    },
  };
}

const minuteOf = (instant: Date) => Math.floor(instant.getTime() / 60_000);
