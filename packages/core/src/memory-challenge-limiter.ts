import { L402Error } from "./errors.ts";
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

/** Limits how many invoices are created, so that requests that never pay cannot flood the Lightning node. */
export function createMemoryChallengeLimiter(limits: ChallengeLimits = {}): ChallengeLimiter {
  refuseUnknownOptions("createMemoryChallengeLimiter", limits, ["perClientPerMinute", "perMinute", "clock"]);
  const { perClientPerMinute = 60, perMinute = 3000, clock = systemClock } = limits;
  if (!(perClientPerMinute > 0 && perMinute > 0)) {
    throw new L402Error("CONFIG_INVALID", "createMemoryChallengeLimiter: limits are numbers above 0, such as 60.");
  }
  const everybody: Bucket = { spentUntil: 0 };
  // The longest unseen client comes first, because every visit moves a client to the end.
  const clients = new Map<string, Bucket>();

  return {
    take(clientKey) {
      const now = clock().getTime();
      const name = clientKey === undefined ? undefined : customerOf(clientKey);
      const client = name === undefined ? undefined : (clients.get(name) ?? { spentUntil: 0 });
      const wait = Math.max(waitFor(everybody, perMinute, now), client ? waitFor(client, perClientPerMinute, now) : 0);
      // Fractions of a millisecond are rounding, not spending.
      if (wait > 0.001) return { allowed: false, retryAfterSeconds: Math.ceil(wait / 1000) };

      spend(everybody, perMinute, now);
      if (client && name !== undefined) {
        spend(client, perClientPerMinute, now);
        clients.delete(name);
        clients.set(name, client);
        if (clients.size > MAX_CLIENTS) clients.delete(clients.keys().next().value as string);
      }
      return ALLOWED;
    },
  };
}

const ALLOWED: ChallengeAllowance = { allowed: true };

/** A leaky bucket: every invoice takes its share of the minute, and at most one minute can be spent ahead. */
interface Bucket {
  spentUntil: number;
}

const waitFor = (bucket: Bucket, perMinute: number, now: number) =>
  Math.max(bucket.spentUntil, now) + MINUTE / perMinute - (now + MINUTE);

function spend(bucket: Bucket, perMinute: number, now: number): void {
  bucket.spentUntil = Math.max(bucket.spentUntil, now) + MINUTE / perMinute;
}

/** One customer usually has a whole IPv6 /64, so its addresses count as one client. */
function customerOf(clientKey: string): string {
  if (!/^(?=.*:)[0-9a-f:]+$/i.test(clientKey)) return clientKey.slice(0, 256);
  const [left = "", right] = clientKey.split("::");
  const head = left === "" ? [] : left.split(":");
  const missing = right === undefined ? 0 : 8 - head.length - (right === "" ? 0 : right.split(":").length);
  const groups = [...head, ...Array<string>(Math.max(0, missing)).fill("0"), ...(right ? right.split(":") : [])];
  return groups
    .slice(0, 4)
    .map((group) =>
      group
        .slice(0, 4)
        .toLowerCase()
        .replace(/^0+(?=.)/, ""),
    )
    .join(":");
}
