import { createUseTable } from "#quick";
import { checkOption, refuseUnknownOptions } from "./check-option.ts";
import { L402Error } from "./errors.ts";
import { type Clock, systemClock } from "./interfaces/clock.ts";
import type { UseStore } from "./interfaces/use-store.ts";
import type { UseTable } from "./use-table.ts";

export interface MemoryUseStoreOptions {
  /**
   * The most tokens that are counted at once, at 25 to 38 bytes each, or 2 kB if no other token expires in the same
   * minute. At this number, new tokens are refused. Default 5 000 000.
   */
  maxTokens?: number | undefined;
  /** Tells the time, for tests. Default: the system's clock. */
  clock?: Clock | undefined;
}

/**
 * Counts uses in the memory of one server process. Several processes need a shared store.
 *
 * Each minute of expiry has its own table, and expired counts are forgotten by dropping a whole table: no timers, no
 * scans. When `maxTokens` are being counted, new tokens are refused: if a count were forgotten, its token could be used
 * again.
 */
export function createMemoryUseStore(options: MemoryUseStoreOptions = {}): UseStore & { readonly size: number } {
  refuseUnknownOptions("createMemoryUseStore", options, ["maxTokens", "clock"]);
  const { maxTokens = 5_000_000, clock = systemClock } = options;
  checkOption(maxTokens >= 1, "createMemoryUseStore: maxTokens", "a number from 1");
  /** By the minute in which the tokens expire. */
  const minutes = new Map<number, UseTable>();
  let size = 0;
  /** The minute in which the tables were last looked through. */
  let sweptAt = 0;
  /** The last minute whose table was dropped. */
  let forgotten = 0;

  const sweep = (now: number) => {
    const current = minuteOf(now);
    if (current === sweptAt) return;
    sweptAt = current;
    for (const [minute, table] of minutes) {
      if (minute >= current) continue;
      minutes.delete(minute);
      size -= table.size;
      forgotten = Math.max(forgotten, minute);
    }
  };

  return {
    consume({ key, limit, expiresAt }) {
      const now = clock().getTime();
      sweep(now);
      const expiry = expiresAt.getTime();
      if (expiry <= now) return false;
      const minute = minuteOf(expiry);
      // SECURITY: while the clock was ahead, the store forgot counts that are still needed (memory-use-store.test.ts,
      // "set back").
      if (minute <= forgotten) throw new L402Error("STORE_UNAVAILABLE", "The clock was set back.");
      const table = minutes.get(minute) ?? createUseTable();
      const used = table.get(key);
      if (used >= limit) return false;
      if (!used) {
        if (size >= maxTokens) throw new L402Error("STORE_UNAVAILABLE", "The use store is full: see maxTokens.");
        size++;
        if (table.size === 0) minutes.set(minute, table);
      }
      table.set(key, used + 1);
      return limit - used - 1;
    },
    release({ key, expiresAt }) {
      const table = minutes.get(minuteOf(expiresAt.getTime()));
      const used = table?.get(key);
      if (!used) return;
      table?.set(key, used - 1);
      if (used === 1) size--;
    },
    /** How many tokens are being counted. */
    get size() {
      return size;
    },
  };
}

const minuteOf = (instant: number) => Math.floor(instant / 60_000);
