import { problem } from "../problem.ts";

export interface RateLimits {
  /** Counts a request of somebody. Throws TOO_MANY_REQUESTS when there were too many. */
  take(who: string, cost?: number): void;
}

/** At once, in seconds of the rate. */
const BURST_SECONDS = 4;
const MAX_REMEMBERED = 50_000;

/** So many requests a second for each, and four times that at once. Of one process. */
export function createRateLimits(perSecond: number, now: () => number = () => performance.now()): RateLimits {
  // The instant until which each one's time is spent; who was not seen for longest comes first.
  const spent = new Map<string, number>();

  return {
    take(who, cost = 1) {
      const at = now();
      const until = Math.max(spent.get(who) ?? 0, at) + (cost * 1_000) / perSecond;
      const waitMs = until - at - BURST_SECONDS * 1_000;
      if (waitMs > 0.001) {
        throw problem("TOO_MANY_REQUESTS", "Too many requests; slow down.", Math.max(1, Math.ceil(waitMs / 1_000)));
      }
      spent.delete(who);
      spent.set(who, until);
      if (spent.size > MAX_REMEMBERED) spent.delete(spent.keys().next().value as string);
    },
  };
}
