import { checkOption, refuseUnknownOptions } from "./check-option.ts";
import type { ChallengeAllowance, ChallengeLimiter } from "./interfaces/challenge-limiter.ts";
import { type Clock, systemClock } from "./interfaces/clock.ts";

export interface ChallengeLimits {
  /** Invoices a minute for one client, beside those that it pays. Default 60. */
  perClientPerMinute?: number | undefined;
  /** The same for all clients together. Default 3000. */
  perMinute?: number | undefined;
  clock?: Clock | undefined;
}

const MAX_RECENT = 25_000;
const MINUTE = 60_000;
/** One IPv6 /48 gets the limit of this many clients. */
const NETWORK = 5;

/**
 * Limits how many invoices are created, so that clients that never pay cannot flood the Lightning node.
 *
 * Each limit is a leaky bucket, stored as the instant until which its time is spent. Every invoice spends its share of
 * the minute, and at most one minute can be spent ahead. An invoice that is paid gives its share back.
 */
export function createMemoryChallengeLimiter(limits: ChallengeLimits = {}): ChallengeLimiter {
  refuseUnknownOptions("createMemoryChallengeLimiter", limits, ["perClientPerMinute", "perMinute", "clock"]);
  const { perClientPerMinute = 60, perMinute = 3000, clock = systemClock } = limits;
  checkOption(perClientPerMinute >= 1, "createMemoryChallengeLimiter: perClientPerMinute", "a number from 1");
  checkOption(perMinute >= 1, "createMemoryChallengeLimiter: perMinute", "a number from 1");
  /** How many invoices a minute the buckets of a client hold: that of all clients, its own, and its network's. */
  const perBucket = [perMinute, perClientPerMinute, NETWORK * perClientPerMinute];
  // The bucket of all clients has the key `undefined`. A client that returns moves to the recent buckets; the older
  // ones are forgotten together.
  let recent = new Map<string | undefined, number>();
  let older = recent;

  /** Takes a number of invoices from each bucket of a client. A negative number gives them back. */
  const take = (invoices: number, clientKey: string | undefined): ChallengeAllowance => {
    const now = clock().getTime();
    // Requests without a client key share only the limit of all clients.
    const names = clientKey === undefined ? [undefined] : [undefined, ...customersOf(clientKey)];
    const spent = names.map((name, i) => {
      // SECURITY: at most one minute ahead, even if the clock was set back. What is given back to an empty bucket is
      // lost, so nobody saves it up (memory-challenge-limiter.test.ts, "is no credit").
      const before = Math.max(Math.min(recent.get(name) ?? older.get(name) ?? 0, now + MINUTE), now);
      if (before > now) recent.set(name, before);
      return before + (invoices * MINUTE) / (perBucket[i] as number);
    });
    const wait = Math.max(...spent) - now - MINUTE;
    // A fraction of a millisecond is a rounding error and not spent time.
    if (wait > 0.001) return { allowed: false, retryAfterSeconds: Math.ceil(wait / 1000) };

    names.forEach((name, i) => void recent.set(name, spent[i] as number));
    if (recent.size > MAX_RECENT) {
      older = recent;
      recent = new Map();
    }
    return ALLOWED;
  };
  return {
    take: (clientKey) => take(1, clientKey),
    giveBack: (clientKey) => void take(-1, clientKey),
  };
}

const ALLOWED: ChallengeAllowance = { allowed: true };

/**
 * Returns the keys that a client counts for. One customer may have a whole IPv6 /56, so its addresses count as one
 * client. A /48 can be had for free, so its 256 customers also share one limit, which is NETWORK times as high.
 */
export function customersOf(clientKey: string): string[] {
  // "::" stands for all missing zeros.
  const zeros = ":0".repeat(Math.max(0, 9 - clientKey.split(":").length));
  const groups = clientKey.toLowerCase().replace("::", `${zeros}:`).split(":");
  const address = groups.map((group) => group.padStart(4, "0")).join("");
  if (groups.length !== 8 || !/^[0-9a-f]{32}$/.test(address)) return [clientKey.slice(0, 256)];
  // All IPv4 addresses would fall into one /56 when they are written as IPv6, or translated to it (NAT64).
  const ipv4 = /^(?:0{20}ffff|0064ff9b0{16})(.{8})$/.exec(address);
  return ipv4 ? [ipv4[1] as string] : [address.slice(0, 14), address.slice(0, 12)];
}
