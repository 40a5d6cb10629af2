import { useStoreFrom } from "@l402/config";
import { EXIT } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { type Finding, findingOf, ok, problem } from "./finding.ts";

const STORES = ["L402_STORE", "REDIS_URL", "SUPABASE_URL"];

/** Counts one use of a token that nobody has, twice: the second time has to be refused. */
export async function checkStore(io: Io): Promise<Finding[]> {
  // A program may make its own store.
  if (!STORES.some((name) => io.env[name])) return [];
  const findings: Finding[] = [];
  try {
    const store = await useStoreFrom(io.env, { tell: (sentence) => void findings.push(ok(sentence)) });
    const key = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("hex");
    const use = { key, limit: 1, expiresAt: new Date(Date.now() + 60_000) };
    const isFirst = (await store.consume(use)) !== false;
    const isSecond = (await store.consume(use)) !== false;
    await store.release(use);
    await store.close();
    findings.push(
      isFirst && !isSecond
        ? ok("It counts uses.")
        : problem("It does not count uses correctly.", "Check its README: a token could be used twice.", EXIT.network),
    );
  } catch (error) {
    findings.push(findingOf("Counting uses", error, EXIT.network));
  }
  return findings;
}
