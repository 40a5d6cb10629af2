import { checkOption } from "./check-option.ts";
import type { ChallengeAllowance, ChallengeLimiter } from "./interfaces/challenge-limiter.ts";
import { type Clock, systemClock } from "./interfaces/clock.ts";
import { refuseUnknownOptions } from "./known-options.ts";

export interface ChallengeLimits {
  /** Invoices a minute for one client. Default 60. */
  perClientPerMinute?: number;
  /** Invoices a minute for all clients together. Default 3000. */
  perMinute?: number;
  clock?: Clock;
}

const MAX_RECENT = 25_000;
const MINUTE = 60_000;
/** How many clients a /48 counts for. */
const NETWORK = 5;

/**
 * Limits how many invoices are created, so that requests that never pay cannot flood the Lightning node.
 *
 * Leaky buckets, as the instant until which their time is spent: every invoice takes its share of the minute, and at most
 * one minute can be spent ahead.
 */
export function createMemoryChallengeLimiter(limits: ChallengeLimits = {}): ChallengeLimiter {
  refuseUnknownOptions("createMemoryChallengeLimiter", limits, ["perClientPerMinute", "perMinute", "clock"]);
  const { perClientPerMinute = 60, perMinute = 3000, clock = systemClock } = limits;
  checkOption(perClientPerMinute >= 1, "perClientPerMinute", "a number from 1");
  checkOption(perMinute >= 1, "perMinute", "a number from 1");
  // That of all has no name. Who is seen again moves to the recent ones; the others are forgotten together.
  let recent = new Map<string | undefined, number>();
  let older = recent;

  return {
    take(clientKey) {
      const now = clock().getTime();
      // Requests that nothing tells apart are only limited together.
      const names = clientKey === undefined ? [undefined] : [undefined, ...customersOf(clientKey)];
      const spent = names.map((name, i) => {
        // Not further ahead than a minute, also when the clock was set back.
        const before = Math.max(Math.min(recent.get(name) ?? older.get(name) ?? 0, now + MINUTE), now);
        if (before > now) recent.set(name, before);
        return before + MINUTE / (i === 0 ? perMinute : i === 1 ? perClientPerMinute : NETWORK * perClientPerMinute);
      });
      const wait = Math.max(...spent) - now - MINUTE;
      // Fractions of a millisecond are rounding, not spending.
      if (wait > 0.001) return { allowed: false, retryAfterSeconds: Math.ceil(wait / 1000) };

      names.forEach((name, i) => void recent.set(name, spent[i] as number));
      if (recent.size > MAX_RECENT) {
        older = recent;
        recent = new Map();
      }
      return ALLOWED;
    },
  };
}

const ALLOWED: ChallengeAllowance = { allowed: true };

/**
 * One customer may have a whole IPv6 /56, so its addresses count as one client. A /48 is to be had for nothing, so its 256
 * customers count as one, too, who may have NETWORK times as much.
 */
function customersOf(clientKey: string): string[] {
  if (!/^(?=.*:)[0-9a-f:]+$/i.test(clientKey)) return [clientKey.slice(0, 256)];
  // "::" stands for as many zeros as are missing.
  const zeros = "0:".repeat(Math.max(0, 9 - clientKey.split(":").length));
  const groups = clientKey.toLowerCase().replace("::", `:${zeros}`).split(":", 8);
  const address = groups.map((group) => group.slice(0, 4).padStart(4, "0")).join("");
  // All of IPv4 is one /56 where it is written as IPv6, or translated to it (NAT64).
  const ipv4 = /^(?:0{20}ffff|0064ff9b0{16})(.{8})$/.exec(address);
  return ipv4 ? [ipv4[1] as string] : [address.slice(0, 14), address.slice(0, 12)];
}
