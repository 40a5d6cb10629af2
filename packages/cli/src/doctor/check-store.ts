import { randomBytes } from "node:crypto";
import { useStoreFrom } from "@l402/config";
import type { Network } from "@l402/core";
import { EXIT } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { askWithin } from "./ask-within.ts";
import { checkRedis } from "./check-redis.ts";
import { checkSupabase } from "./check-supabase.ts";
import { type Finding, findingOf, ok, problem, warning } from "./finding.ts";

const STORES = ["L402_STORE", "REDIS_URL", "SUPABASE_URL"];

/** Counts one use of a made-up token, twice: the store has to refuse the second. */
export async function checkStore(io: Io, network: Network): Promise<Finding[]> {
  // Without these settings, the program may create its own store.
  if (!STORES.some((name) => io.env[name])) return [];
  const findings: Finding[] = [];
  try {
    const forgets =
      io.env.L402_STORE?.trim() === "memory" && (network === "bitcoin" || io.env.NODE_ENV === "production");
    const fix = "Set REDIS_URL, or SUPABASE_URL and SUPABASE_PUBLISHABLE_KEY, even for a single server.";
    const tell = (sentence: string) =>
      void findings.push(forgets ? warning("STORE_FORGETS", sentence, fix) : ok(sentence));
    const store = await useStoreFrom(io.env, { tell });
    const key = randomBytes(32).toString("hex");
    const use = { key, limit: 1, expiresAt: new Date(Date.now() + 60_000) };
    const [isFirst, isSecond] = await askWithin({ name: "The store" }, io, async () => [
      (await store.consume(use)) !== false,
      (await store.consume(use)) !== false,
      await store.release(use),
    ]).finally(() => store.close());
    findings.push(
      isFirst && !isSecond
        ? ok("The store counts token uses correctly.")
        : problem(
            "STORE_MISCOUNTS",
            "The store does not count token uses correctly, so a token could be used too often.",
            "Compare the setup of the store with the README of its package.",
            EXIT.network,
          ),
      ...(await checkRedis(io)),
      ...(await checkSupabase(io)),
    );
  } catch (error) {
    const finding = findingOf("Store", error, EXIT.network, io);
    findings.push(finding.fix ? { ...finding, fix: withPackages(finding.fix) } : finding);
  }
  return findings;
}

/** The command brings no packages of stores, and `npm install` does not add any to what `npx` runs. */
export const withPackages = (fix: string): string =>
  fix.replace(/^Run: npm install (.+)$/, (_, names: string) => {
    const packages = ["@l402/cli", ...names.split(" ")].map((name) => `-p ${name}`);
    return `Run: npx ${packages.join(" ")} l402 doctor`;
  });
