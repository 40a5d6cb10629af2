import type { Io } from "../io.ts";
import { askWithin } from "./ask-within.ts";
import { type Finding, ok, warning } from "./finding.ts";

const PUBLIC_KEYS = ["SUPABASE_PUBLISHABLE_KEY", "SUPABASE_ANON_KEY"];

/** Asks Supabase for a row of the payments, as everybody can who has the public key: it has to refuse. */
export async function checkSupabase(io: Io): Promise<Finding[]> {
  const url = io.env.SUPABASE_URL?.trim().replace(/\/$/, "");
  const name = PUBLIC_KEYS.find((each) => io.env[each]?.trim());
  if (!url || !name) return [];
  const key = io.env[name]?.trim() ?? "";
  const headers = { apikey: key, ...(!key.startsWith("sb_") && { authorization: `Bearer ${key}` }) };
  const isOpen = await askWithin({ name: "The store" }, io, async (signal) => {
    const path = "/rest/v1/payments?select=payment_hash&limit=1";
    const response = await fetch(`${url}${path}`, { headers, redirect: "manual", signal });
    if (response.ok) return true;
    const { code } = (await response.json()) as { code?: unknown };
    return code === "42501" ? false : undefined;
  }).catch(() => undefined);
  if (isOpen === false) return [ok("The public key of Supabase opens no payments.")];
  if (isOpen === undefined)
    return [ok(`Whether payments are closed to the public key of Supabase could not be seen: check ${name}.`)];
  return [
    warning(
      "PAYMENTS_OPEN",
      `The table payments of Supabase may be read with ${name}, which is public. At best, row-level security hides its rows.`,
      `Run migrations/001_l402.sql of @l402/supabase in the SQL editor again. If that does not help, ${name} holds a secret key: use SUPABASE_SECRET_KEY for it.`,
    ),
  ];
}
