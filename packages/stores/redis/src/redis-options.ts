import { checkOption, refuseUnknownOptions } from "@l402/core";
import { type RedisClient, scriptRunner } from "./redis-client.ts";

export interface RedisOptions {
  /** A client of ioredis, redis or @upstash/redis, or a function that sends a command with another client. */
  redis: RedisClient;
  /** The prefix of every key. Default "l402:". */
  prefix?: string | undefined;
}

/** Checks the options that all factories here share, and that there are no others but `more`. */
export function openRedis(owner: string, options: RedisOptions, more: readonly string[] = []) {
  refuseUnknownOptions(owner, options, ["redis", "prefix", ...more]);
  const { redis, prefix = "l402:" } = options;
  checkOption(typeof prefix === "string", `${owner}: prefix`, 'a string, such as "l402:"');
  return { run: scriptRunner(owner, redis), prefix };
}
