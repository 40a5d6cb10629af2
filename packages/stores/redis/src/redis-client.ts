import { checkOption } from "@l402/core";

/**
 * A client that the application creates and closes. The types list only the methods that we call, so any version fits.
 */
export type RedisClient = IoredisClient | NodeRedisClient | UpstashClient | SendRedisCommand;

/** `new Redis()` or `new Cluster()` of ioredis, and clients that imitate it. */
export interface IoredisClient {
  call(command: string, ...args: (string | number)[]): Promise<unknown>;
}

/** `createClient()`, `createClientPool()` or `createCluster()` of the package redis. */
export interface NodeRedisClient {
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** `new Redis()` of @upstash/redis. */
export interface UpstashClient {
  evalsha(sha: string, keys: string[], args: string[]): Promise<unknown>;
  eval(script: string, keys: string[], args: string[]): Promise<unknown>;
}

/** Sends a command with any other client. Resolves to Redis's reply. */
export type SendRedisCommand = (command: string[]) => Promise<unknown>;

/** `source` is Lua, and `sha` is the SHA-1 by which Redis knows it. */
export interface Script {
  readonly sha: string;
  readonly source: string;
}

export type RunScript = (script: Script, keys: string[], args: string[]) => Promise<unknown>;

/**
 * Creates the function that runs a script with a client: in one round trip, unless Redis does not know the script yet.
 */
export function scriptRunner(owner: string, redis: RedisClient): RunScript {
  const run = runnerOf(redis);
  checkOption(run !== undefined, `${owner}: redis`, "a client of ioredis, redis or @upstash/redis, or a function");
  return async (script, keys, args) => {
    try {
      return await run("EVALSHA", script.sha, keys, args);
    } catch (error) {
      // Redis forgets scripts in a restart or a failover. The script has not run yet. Upstash puts its own words first.
      if (!/^(Command (\d+ .* )?failed: )?NOSCRIPT\b/.test(String((error as Error | null)?.message))) throw error;
      return run("EVAL", script.source, keys, args);
    }
  };
}

type RunCommand = (command: "EVAL" | "EVALSHA", script: string, keys: string[], args: string[]) => Promise<unknown>;

/** The order matters, because some clients also have methods of another kind. */
function runnerOf(redis: RedisClient): RunCommand | undefined {
  if (typeof redis === "function") {
    return (command, script, keys, args) => redis([command, script, String(keys.length), ...keys, ...args]);
  }
  if (isKind<IoredisClient>(redis, "call")) {
    return (command, script, keys, args) => redis.call(command, script, keys.length, ...keys, ...args);
  }
  if (isKind<NodeRedisClient>(redis, "evalSha")) {
    return (command, script, keys, args) =>
      redis[command === "EVAL" ? "eval" : "evalSha"](script, { keys, arguments: args });
  }
  if (isKind<UpstashClient>(redis, "evalsha")) {
    return (command, script, keys, args) => redis[command === "EVAL" ? "eval" : "evalsha"](script, keys, args);
  }
  return undefined;
}

const isKind = <Kind extends RedisClient>(redis: unknown, method: keyof Kind): redis is Kind =>
  typeof (redis as Kind | null | undefined)?.[method] === "function";
