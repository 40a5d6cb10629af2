import { checkOption } from "@l402/core";

/** A client that the application made and closes. As much of each kind as is called, so that their versions are free. */
export type RedisClient = IoredisClient | NodeRedisClient | UpstashClient | SendRedisCommand;

/** `new Redis()` or `new Cluster()` of ioredis, and of what is made after it. */
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

/** Any other client: sends a command, and answers Redis's reply. */
export type SendRedisCommand = (command: string[]) => Promise<unknown>;

/** `source` in Lua, and the SHA-1 by which Redis knows it. */
export interface Script {
  readonly sha: string;
  readonly source: string;
}

export type RunScript = (script: Script, keys: string[], args: string[]) => Promise<unknown>;

/** How the given client runs a script: one round trip, unless Redis has not seen it yet. */
export function scriptRunner(owner: string, redis: RedisClient): RunScript {
  const run = runnerOf(redis);
  checkOption(run !== undefined, `${owner}: redis`, "a client of ioredis, redis or @upstash/redis, or a function");
  return async (script, keys, args) => {
    try {
      return await run("EVALSHA", script.sha, keys, args);
    } catch (error) {
      // After a restart or a failover. Nothing has run yet. Upstash has words of its own before it.
      if (!/^(Command (\d+ .* )?failed: )?NOSCRIPT\b/.test(String((error as Error | null)?.message))) throw error;
      return run("EVAL", script.source, keys, args);
    }
  };
}

type RunCommand = (command: "EVAL" | "EVALSHA", script: string, keys: string[], args: string[]) => Promise<unknown>;

/** Some clients have methods of other kinds too, so the order decides. */
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
