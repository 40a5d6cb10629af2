import { createGiveBack, L402Error, refuseUnknownOptions, type Secret, type UseStore } from "@l402/core";
import { askSupabase } from "./ask-supabase.ts";
import { CONNECTION_OPTIONS, connect, type SupabaseConnection } from "./supabase-client.ts";
import { createUseKeys } from "./use-keys.ts";

export type SupabaseUseStoreOptions = SupabaseConnection & {
  /** The secret of the paywall: the same string or the same list. */
  secret: Secret | undefined;
};

const OWNER = "createSupabaseUseStore";

/**
 * Longer than a paywall waits, because the paywall gives back a use that is counted late. If the call were cut off
 * earlier, the database could have counted a use without the paywall knowing.
 */
const TIMEOUT_SECONDS = 10;

const NOT_BACK = "Supabase failed: a use is not given back yet.";
const AHEAD = "Supabase failed: the database's clock is more than ten minutes ahead of this server's.";

/** Counts uses in a Supabase project, for several servers at once. Each use takes one round trip. */
export function createSupabaseUseStore(options: SupabaseUseStoreOptions): UseStore {
  refuseUnknownOptions(OWNER, options, [...CONNECTION_OPTIONS, "secret"]);
  const client = connect(OWNER, options);
  const keysOf = createUseKeys(OWNER, options.secret);
  const { giveBack, mayComeBack } = createGiveBack();
  const ask = (name: string, values: object) =>
    askSupabase(() => client.rpc(name, values), TIMEOUT_SECONDS, "STORE_UNAVAILABLE");

  return {
    async consume(use) {
      const values = { keys: keysOf(use), max_uses: use.limit, expires_at: use.expiresAt };
      const wasComingBack = mayComeBack(use.key);
      const left = await ask("l402_consume", values);
      if (left === -1) {
        // SECURITY: whose use comes back is not asked to pay again (supabase-faults.test.ts, "given back").
        if (wasComingBack || mayComeBack(use.key)) throw new L402Error("STORE_UNAVAILABLE", NOT_BACK);
        return false;
      }
      // SECURITY: only a plausible number is a grant (supabase-faults.test.ts, "odd answers").
      if (typeof left === "number" && Number.isInteger(left) && left >= 0 && left < use.limit) return left;
      // The paywall has just found the token valid, and adds ten minutes to its expiry.
      if (left === -2) throw new L402Error("STORE_UNAVAILABLE", AHEAD);
      throw new L402Error(
        "STORE_UNAVAILABLE",
        "Supabase failed: the function l402_consume returned an impossible number.",
      );
    },

    async release(use) {
      const values = { keys: keysOf(use), call_id: crypto.randomUUID() };
      await giveBack(use.key, () => ask("l402_release", values));
    },
  };
}
