import type { Sql } from "../database/database.ts";

/** The rules of `managed.broken_rules()` in words, from where they are written. */
export async function readRules(sql: Sql): Promise<string[]> {
  const [found] = await sql.query<{ text: string }>(
    "select prosrc text from pg_proc where oid = 'managed.broken_rules()'::regprocedure",
  );
  return Array.from(found?.text.matchAll(/\bselect '([^']+)',/g) ?? [], ([, rule]) => rule as string);
}
