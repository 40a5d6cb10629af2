import { redisInfoFrom } from "@l402/config";
import { EXIT } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { askWithin } from "./ask-within.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

/**
 * Checks whether Redis keeps the counts that it has. Many hosts forbid CONFIG, so this reads INFO. Where INFO does not
 * tell either, the user has to look.
 */
export async function checkRedis(io: Io): Promise<Finding[]> {
  const info = await askWithin({ name: "The store" }, io, () => redisInfoFrom(io.env));
  if (info === undefined) return [];
  const seen = (name: string) => new RegExp(`^${name}:([a-z0-9-]{1,30})\\r?$`, "m").exec(info)?.[1];
  return [eviction(seen("maxmemory_policy"), seen("maxmemory")), persistence(seen("aof_enabled"))];
}

function eviction(policy: string | undefined, maxmemory: string | undefined): Finding {
  if (policy === undefined)
    return ok("Whether Redis evicts counts could not be seen: check that maxmemory-policy is noeviction.");
  if (policy === "noeviction") return ok("Redis evicts no counts.");
  if (maxmemory === "0") return ok("Redis evicts no counts while maxmemory is 0. Before you set it, set noeviction.");
  const why = policy.startsWith("volatile-") ? "which have an expiry as this policy asks for, " : "";
  return problem(
    "REDIS_EVICTS",
    `When its memory is full, Redis throws away counts, ${why}and used tokens work again: maxmemory-policy is ${policy}.`,
    "Set maxmemory-policy noeviction, with CONFIG SET and in redis.conf, or at your host. If this Redis is a cache too, count in another one.",
    EXIT.usage,
  );
}

function persistence(aofEnabled: string | undefined): Finding {
  if (aofEnabled === undefined)
    return ok("Whether Redis keeps counts in a restart could not be seen: check that appendonly is yes.");
  if (aofEnabled === "1") return ok("Redis keeps counts in a restart.");
  return warning(
    "REDIS_FORGETS",
    "A restart of Redis forgets all counts since its last snapshot, if it makes any, and used tokens work again: appendonly is no.",
    // In this order: a restart with the new setting alone starts empty, before Redis 7.
    "Set appendonly yes, first with CONFIG SET and then in redis.conf, or at your host.",
  );
}
