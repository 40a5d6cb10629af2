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

const MAX_CLIENTS = 50_000;
const MINUTE = 60_000;

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
  let allSpent = 0;
  // The longest unseen client comes first, because every visit moves a client to the end.
  const spent = new Map<string | undefined, number>();

  return {
    take(clientKey) {
      const now = clock().getTime();
      const client = clientKey === undefined ? undefined : customerOf(clientKey);
      // Not further ahead than a minute, also when the clock was set back.
      const held = (until: number) => Math.max(Math.min(until, now + MINUTE), now);
      allSpent = held(allSpent);
      const before = held(spent.get(client) ?? 0);
      // Requests that nothing tells apart are only limited together.
      const all = allSpent + MINUTE / perMinute;
      const own = client === undefined ? now : before + MINUTE / perClientPerMinute;
      const wait = Math.max(all, own) - now - MINUTE;
      // Fractions of a millisecond are rounding, not spending.
      if (wait > 0.001) {
        if (spent.has(client)) spent.set(client, before);
        return { allowed: false, retryAfterSeconds: Math.ceil(wait / 1000) };
      }

      allSpent = all;
      if (client !== undefined) {
        spent.delete(client);
        spent.set(client, own);
        if (spent.size > MAX_CLIENTS) spent.delete(spent.keys().next().value);
      }
      return ALLOWED;
    },
  };
}

const ALLOWED: ChallengeAllowance = { allowed: true };

/** One customer may have a whole IPv6 /56, so its addresses count as one client. */
function customerOf(clientKey: string): string {
  if (!/^(?=.*:)[0-9a-f:]+$/i.test(clientKey)) return clientKey.slice(0, 256);
  // "::" stands for as many zeros as are missing.
  const zeros = "0:".repeat(Math.max(0, 9 - clientKey.split(":").length));
  const groups = clientKey.toLowerCase().replace("::", `:${zeros}`).split(":", 4);
  return groups
    .map((group) => group.slice(0, 4).padStart(4, "0"))
    .join("")
    .slice(0, 14);
}
