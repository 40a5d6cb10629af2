import type { Sql } from "../database/database.ts";

/** The rules of `managed.broken_rules()` in words, from where they are written: newer functions of it call older ones. */
export async function readRules(sql: Sql): Promise<string[]> {
  const [found] = await sql.query<{ text: string }>(
    "select string_agg(prosrc, ' ' order by proname desc) text from pg_proc where proname like 'broken\\_rules%'",
  );
  return Array.from(found?.text.matchAll(/\bselect '([^']+)',/g) ?? [], ([, rule]) => rule as string);
}
