import { L402Error } from "@l402/core";
import type { SupabaseAnswer, SupabaseCall } from "./supabase-client.ts";

type Failure = "STORE_UNAVAILABLE" | "LOG_UNAVAILABLE";

const MIGRATION = "run migrations/001_l402.sql of @l402/supabase in its SQL editor";

/** The meaning of the codes of Postgres and PostgREST, in words that help the operator to fix the cause. */
const REASONS: readonly [codes: RegExp, reason: string][] = [
  [/^(PGRST10[68]|PGRST20[0-5]|42P01|42703|42883|3F000)$/, `it lacks the tables and functions of L402: ${MIGRATION}`],
  [
    /^42501$/,
    `the key may not do this: ${MIGRATION}, or pass the secret key if 002_secret_key_only.sql was run as well`,
  ],
  [/^PGRST30\d$/, "it refused the key: check SUPABASE_URL and the key of that project"],
  [/^(25006|0A000)$/, "its database is a read-only replica"],
  [/^53100$/, "its disk is full"],
  [/^(53300|PGRST003)$/, "its database has no connection left"],
  [/^57014$/, "its database took too long"],
  [/^(57P0\d|08\w{3}|PGRST00[0-2])$/, "its database is down"],
];

/**
 * Sends a call and returns its data. Every failure becomes an error with a reason in our own words.
 *
 * SECURITY: the words of Supabase or the network are not repeated, because they can hold the key
 * (supabase-faults.test.ts, "no secret").
 */
export async function askSupabase(
  call: () => SupabaseCall,
  timeoutSeconds: number,
  failure: Failure,
): Promise<unknown> {
  const signal = AbortSignal.timeout(timeoutSeconds * 1000);
  let answer: Partial<SupabaseAnswer> | null;
  try {
    answer = await call().abortSignal(signal);
  } catch (error) {
    // Clients can be configured to throw.
    answer = { error: error ?? {} };
  }
  const { data, error, status = 0 } = answer ?? {};
  if (error === null && status >= 200 && status < 300) return data;
  const reason = signal.aborted ? `it did not answer within ${timeoutSeconds} s` : reasonOf(error, status);
  throw new L402Error(failure, `Supabase failed: ${reason}.`);
}

function reasonOf(error: unknown, status: number): string {
  const { code, details } = (error ?? {}) as { code?: unknown; details?: unknown };
  const known = typeof code === "string" && /^[A-Z0-9]{5,8}$/.test(code) ? code : "";
  for (const [codes, reason] of REASONS) if (codes.test(known)) return `${reason} (${known})`;
  if (status === 401 || status === 403) return "it refused the key: check SUPABASE_URL and the key of that project";
  if (status === 404) return "there is no Supabase API at this URL: check SUPABASE_URL";
  if (status === 540) return "the project is paused";
  if (status > 0) return `it answered HTTP ${status}${known && ` (${known})`}`;
  const [, system] = /\((E[A-Z_]{3,30}|UND_ERR_[A-Z_]{3,30}|[A-Z_]*CERT[A-Z_]*)\)/.exec(String(details)) ?? [];
  return `it cannot be reached${system ? ` (${system})` : ""}`;
}
