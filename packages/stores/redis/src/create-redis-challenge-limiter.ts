import { type ChallengeLimiter, checkOption, customersOf } from "@l402/core";
import { TAKE_CHALLENGE } from "./challenge-script.ts";
import { unavailable } from "./redis-error.ts";
import { openRedis, type RedisOptions } from "./redis-options.ts";
import { wholeNumber } from "./whole-number.ts";
import { withinTime } from "./within-time.ts";

export interface RedisChallengeLimiterOptions extends RedisOptions {
  /** The most invoices per minute for one client, beside those that it pays. Default 60. */
  perClientPerMinute?: number | undefined;
  /** The same for all clients together. Default 3000. */
  perMinute?: number | undefined;
}

/** A /48 network may have the invoices of this many clients. */
const NETWORK = 5;

/** Limits how many invoices are created, for several servers together. */
export function createRedisChallengeLimiter(options: RedisChallengeLimiterOptions): ChallengeLimiter {
  const owner = "createRedisChallengeLimiter";
  const { run, prefix } = openRedis(owner, options, ["perClientPerMinute", "perMinute"]);
  const { perClientPerMinute = 60, perMinute = 3000 } = options;
  checkOption(perClientPerMinute >= 1, `${owner}: perClientPerMinute`, "a number from 1");
  checkOption(perMinute >= 1, `${owner}: perMinute`, "a number from 1");
  // The braces keep all buckets on one node of a cluster.
  const bucket = (name: string) => `${prefix}{challenges}:${name}`;

  /** Takes an invoice, or gives it back if `sign` is -1. Returns the seconds to wait. */
  async function take(clientKey: string | undefined, sign: 1 | -1): Promise<number> {
    const keys = [bucket("all")];
    const limits = [String(sign * perMinute)];
    const customers = clientKey === undefined ? [] : customersOf(clientKey);
    for (const [i, name] of customers.entries()) {
      keys.push(bucket(`client:${name}`));
      limits.push(String(sign * (i === 0 ? perClientPerMinute : NETWORK * perClientPerMinute)));
    }
    return wholeNumber(await withinTime(run(TAKE_CHALLENGE, keys, limits)));
  }

  return {
    async take(clientKey) {
      const wait = await take(clientKey, 1);
      if (wait === 0) return { allowed: true };
      if (wait > 0 && wait <= 120) return { allowed: false, retryAfterSeconds: wait };
      throw unavailable("it sent an answer that makes no sense");
    },
    async giveBack(clientKey) {
      await take(clientKey, -1);
    },
  };
}
