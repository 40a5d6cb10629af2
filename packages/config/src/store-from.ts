import type { PaymentLog, UseStore } from "@l402/core";
import type { ConfigOptions } from "./choose-backend.ts";
import { type Environment, invalid, setting } from "./environment.ts";
import { loadPackage } from "./load-package.ts";

const STORES = ["memory", "redis", "supabase"] as const;
type StoreName = (typeof STORES)[number];

/** Replay protection: `L402_STORE=memory`, or `REDIS_URL`, or `SUPABASE_URL` with `SUPABASE_ANON_KEY`. */
export async function useStoreFrom(env: Environment, { tell }: ConfigOptions = {}): Promise<UseStore> {
  const { name, reason } = chooseStore(env);
  const store = await open[name](env);
  tell?.(`Counting uses in ${name}, because ${reason}.`);
  return store;
}

/** The table of payments, where Supabase is set; otherwise `undefined`. */
export async function paymentLogFrom(
  env: Environment,
  { tell }: ConfigOptions = {},
): Promise<(PaymentLog & { flush(): Promise<void> }) | undefined> {
  const { SUPABASE_URL, SUPABASE_ANON_KEY } = env;
  if (!SUPABASE_URL && !SUPABASE_ANON_KEY) return undefined;
  const { createSupabasePaymentLog } = await loadPackage("@l402/supabase", () => import("@l402/supabase"));
  const log = createSupabasePaymentLog(supabase(env));
  tell?.("Logging payments to Supabase, because SUPABASE_URL is set.");
  return log;
}

function chooseStore(env: Environment): { name: StoreName; reason: string } {
  const named = setting(env, "L402_STORE");
  if (named !== undefined) {
    const name = STORES.find((store) => store === named);
    if (!name) throw invalid(`L402_STORE is "${named}", which is no store.`, `Use one of ${STORES.join(", ")}.`);
    return { name, reason: "L402_STORE says so" };
  }
  const [redis, supabaseUrl] = [setting(env, "REDIS_URL"), setting(env, "SUPABASE_URL")];
  if (redis && supabaseUrl) {
    throw invalid("REDIS_URL and SUPABASE_URL are both set.", "Set L402_STORE to redis or supabase.");
  }
  if (redis) return { name: "redis", reason: "REDIS_URL is set" };
  if (supabaseUrl) return { name: "supabase", reason: "SUPABASE_URL is set" };
  throw invalid(
    "No store for replay protection is set.",
    "Set L402_STORE=memory for one server process, or REDIS_URL, or SUPABASE_URL and SUPABASE_ANON_KEY.",
  );
}

const open: Record<StoreName, (env: Environment) => Promise<UseStore>> = {
  async memory() {
    const { createMemoryUseStore } = await import("@l402/core");
    return createMemoryUseStore();
  },
  async redis(env) {
    const url = setting(env, "REDIS_URL");
    if (!url || !/^rediss?:\/\//.test(url)) {
      throw invalid("REDIS_URL is not a Redis address.", "Set it to one such as redis://localhost:6379.");
    }
    const { Redis } = await loadPackage("ioredis", () => import("ioredis"));
    const { createRedisUseStore } = await loadPackage("@l402/redis", () => import("@l402/redis"));
    // A command that cannot be sent fails at once: the paywall then answers 503 instead of keeping buyers waiting.
    const redis = new Redis(url, { lazyConnect: false, maxRetriesPerRequest: 1, enableOfflineQueue: true });
    // Every command reports its own failure; without a listener the connection's would end the process.
    redis.on("error", () => {});
    return createRedisUseStore({ redis });
  },
  async supabase(env) {
    const { createSupabaseUseStore } = await loadPackage("@l402/supabase", () => import("@l402/supabase"));
    return createSupabaseUseStore({ ...supabase(env), secret: setting(env, "L402_SECRET") });
  },
};

const supabase = (env: Environment) => ({
  url: setting(env, "SUPABASE_URL"),
  key: setting(env, "SUPABASE_SERVICE_ROLE_KEY") ?? setting(env, "SUPABASE_ANON_KEY"),
});
