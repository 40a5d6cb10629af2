import { type ChallengeLimiter, createMemoryUseStore, type PaymentLog, type UseStore } from "@l402/core";
import { type ConfigOptions, type Environment, invalid, listed, setting } from "./environment.ts";
import { importPackage } from "./import-package.ts";
import { nearestName } from "./nearest-name.ts";

const STORES = ["memory", "redis", "supabase"] as const;
type StoreName = (typeof STORES)[number];

/** Closes the connection, if there is one. An open connection keeps the process alive. */
export interface Closable {
  close(): Promise<void>;
}

/**
 * Creates the replay protection from `L402_STORE=memory`, or `REDIS_URL`, or `SUPABASE_URL` with
 * `SUPABASE_PUBLISHABLE_KEY` or another key.
 */
export async function useStoreFrom(env: Environment, { tell }: ConfigOptions = {}): Promise<UseStore & Closable> {
  const { name, reason } = chooseStore(env);
  const store = await openStore(env, name);
  const lasting =
    name === "memory"
      ? " It works for a single server process. After a restart, used tokens work again until they expire."
      : "";
  tell?.(`The store for token uses is ${name}, because ${reason}.${lasting}`);
  return store;
}

/** Asks the Redis that counts uses for its INFO: "" where the user may not have it, `undefined` for another store. */
export async function redisInfoFrom(env: Environment): Promise<string | undefined> {
  if (chooseStore(env).name !== "redis") return undefined;
  const { redis, close } = await openRedis(env);
  // Without sections: Redis 6.2 takes only one.
  const info = await redis.info().catch(() => "");
  await close();
  return String(info);
}

/** Limits unpaid invoices for all servers together, if uses are counted in Redis; otherwise `undefined`. */
export async function challengeLimiterFrom(
  env: Environment,
  { tell }: ConfigOptions = {},
): Promise<(ChallengeLimiter & Closable) | undefined> {
  if (chooseStore(env).name !== "redis") return undefined;
  const { package: redisPackage, redis, close } = await openRedis(env);
  tell?.("The limit for unpaid invoices is kept in redis, because token uses are counted there.");
  return { ...redisPackage.createRedisChallengeLimiter({ redis }), close };
}

/** Creates the log of payments, if Supabase is set; otherwise `undefined`. */
export async function paymentLogFrom(
  env: Environment,
  { tell, waitUntil }: ConfigOptions = {},
): Promise<(PaymentLog & { flush(): Promise<void> }) | undefined> {
  if (!setting(env, "SUPABASE_URL")) return undefined;
  const { createSupabasePaymentLog } = await openSupabase();
  const log = createSupabasePaymentLog({ ...connectionOf(env), ...(waitUntil && { waitUntil }) });
  tell?.("Received payments are logged in supabase, because SUPABASE_URL is set.");
  return log;
}

function chooseStore(env: Environment): { name: StoreName; reason: string } {
  const named = setting(env, "L402_STORE");
  if (named !== undefined) {
    const name = STORES.find((store) => store === named);
    if (name) return { name, reason: "L402_STORE names it" };
    const meant = nearestName(named, STORES);
    throw invalid(
      "L402_STORE is not set to the name of a supported store.",
      meant
        ? `Did you mean L402_STORE=${meant}?`
        : `Set L402_STORE to ${listed(STORES)}. Put the address of the store into REDIS_URL or SUPABASE_URL.`,
    );
  }
  const [redis, supabase] = [setting(env, "REDIS_URL"), setting(env, "SUPABASE_URL")];
  if (redis && supabase) {
    throw invalid(
      "REDIS_URL and SUPABASE_URL are both set, so the store for token uses is ambiguous.",
      "Set L402_STORE=redis or L402_STORE=supabase.",
    );
  }
  if (redis) return { name: "redis", reason: "REDIS_URL is set" };
  if (supabase) return { name: "supabase", reason: "SUPABASE_URL is set" };
  throw invalid(
    "No store is configured that counts token uses.",
    "Set L402_STORE=memory (for a single server process), or REDIS_URL, or SUPABASE_URL and SUPABASE_PUBLISHABLE_KEY.",
  );
}

async function openStore(env: Environment, name: StoreName): Promise<UseStore & Closable> {
  if (name === "redis") {
    const { package: redisPackage, redis, close } = await openRedis(env);
    return { ...redisPackage.createRedisUseStore({ redis }), close };
  }
  const store = name === "memory" ? createMemoryUseStore() : await openSupabaseStore(env);
  return { consume: store.consume, release: store.release, close: async () => {} };
}

async function openSupabaseStore(env: Environment): Promise<UseStore> {
  const connection = connectionOf(env);
  const secret = setting(env, "L402_SECRET");
  if (!secret)
    throw invalid(
      "supabase needs L402_SECRET, which is not set.",
      "Set L402_SECRET to the secret of the paywall, the same on every server.",
    );
  return (await openSupabase()).createSupabaseUseStore({ ...connection, secret });
}

async function openRedis(env: Environment) {
  const url = setting(env, "REDIS_URL");
  if (!url || !/^rediss?:\/\/./.test(url)) {
    throw invalid(
      url ? "REDIS_URL is not a Redis URL." : "redis needs REDIS_URL, which is not set.",
      "Set REDIS_URL to the address of Redis, such as redis://localhost:6379.",
    );
  }
  const install = "@l402/redis ioredis";
  const { Redis } = (await importPackage("ioredis", install)) as typeof import("ioredis");
  const redisPackage = (await importPackage("@l402/redis", install)) as typeof import("@l402/redis");
  // A command that cannot be sent fails soon. The paywall then answers 503 and keeps no buyer waiting.
  const redis = new Redis(url, {
    maxRetriesPerRequest: 1,
    connectTimeout: 2000,
    // After a failover, the server may go on as a replica. The URL then leads to another one.
    reconnectOnError: ({ message }) => message.includes("READONLY"),
  });
  // Every command reports its own failure. Without a listener, ioredis would print the errors, including the address.
  redis.on("error", () => {});
  return { package: redisPackage, redis, close: async () => redis.disconnect() };
}

const openSupabase = async () =>
  (await importPackage("@l402/supabase", "@l402/supabase")) as typeof import("@l402/supabase");

/** The newer kind first, and what older projects have. */
const SECRET_KEYS = ["SUPABASE_SECRET_KEY", "SUPABASE_SERVICE_ROLE_KEY"];
const PUBLIC_KEYS = ["SUPABASE_PUBLISHABLE_KEY", "SUPABASE_ANON_KEY"];

/**
 * Reads the connection. It prefers a secret key of the server, because that key allows more, and
 * 002_secret_key_only.sql requires it.
 */
function connectionOf(env: Environment): { url: string; key: string } {
  const url = setting(env, "SUPABASE_URL");
  const [key] = [...SECRET_KEYS, ...PUBLIC_KEYS].flatMap((name) => setting(env, name) ?? []);
  if (url && key) return { url, key };
  const absent = listed([...(url ? [] : ["SUPABASE_URL"]), ...(key ? [] : ["SUPABASE_PUBLISHABLE_KEY"])], "and");
  const verb = absent.includes(" and ") ? "are" : "is";
  throw invalid(
    `supabase needs ${absent}, which ${verb} not set.`,
    `Set ${absent}. Supabase shows both in the project, under “Settings > API Keys”; an older project has SUPABASE_ANON_KEY instead.`,
  );
}
