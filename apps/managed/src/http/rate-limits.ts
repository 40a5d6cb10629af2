import type { Clock } from "@l402/core";
import { problem } from "../problem.ts";

export interface RateLimits {
  /** Counts a request of somebody. Throws TOO_MANY_REQUESTS when there were too many. */
  take(who: string, cost?: number): void;
  /** Counts a request for several, with the cost for each: for all of them or, if one has had too many, for none. */
  takeOfEach(costs: Iterable<readonly [who: string, cost: number]>): void;
}

/** How much may come at once, as time of the rate. */
const BURST_MS = 4_000;
const MAX_REMEMBERED = 50_000;

/** So many requests a second for each, and four times that at once. Of one process. */
export function createRateLimits(perSecond: number, clock: Clock): RateLimits {
  // The instant until which each one's time is spent; who was not seen for longest comes first.
  const spent = new Map<string, number>();

  function takeOfEach(costs: Iterable<readonly [who: string, cost: number]>): void {
    const at = clock().getTime();
    const taken = Array.from(costs, ([who, cost]) => {
      // Never further ahead than everything at once, also when the clock was set back.
      const before = Math.max(Math.min(spent.get(who) ?? 0, at + BURST_MS), at);
      return { who, before, until: before + Math.min((cost * 1_000) / perSecond, BURST_MS) };
    });
    const waitMs = Math.max(...taken.map(({ until }) => until)) - at - BURST_MS;
    if (waitMs > 0.001) {
      for (const { who, before } of taken) if (spent.has(who)) spent.set(who, before);
      throw problem(
        "TOO_MANY_REQUESTS",
        "You sent too many requests. Wait before you try again.",
        Math.max(1, Math.ceil(waitMs / 1_000)),
      );
    }
    for (const { who, until } of taken) {
      spent.delete(who);
      spent.set(who, until);
      if (spent.size > MAX_REMEMBERED) spent.delete(spent.keys().next().value as string);
    }
  }

  return { take: (who, cost = 1) => takeOfEach([[who, cost]]), takeOfEach };
}
