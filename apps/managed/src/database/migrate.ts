import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Database } from "./database.ts";

const directory = fileURLToPath(new URL("../migrations", import.meta.url));

/** Brings the database to this version of the service. Several processes may start at the same time. */
export async function migrate(database: Database): Promise<void> {
  // One script is one transaction, and the lock ends with it.
  const lock = "select pg_advisory_xact_lock(402, 0);";
  await database.script(
    `begin; ${lock} create schema if not exists managed;
     create table if not exists managed.migrations (name text primary key, at timestamptz not null default now()); commit;`,
  );
  for (const name of readdirSync(directory).sort()) {
    const text = readFileSync(`${directory}/${name}`, "utf8");
    await database.transaction(async (sql) => {
      await sql.query("select pg_advisory_xact_lock(402, 0)", [], { isLong: true });
      const done = await sql.query("select 1 from managed.migrations where name = $1", [name]);
      if (done.length > 0) return;
      await sql.query(`do $migration$ begin execute ${quoted(text)}; end $migration$`, [], { isLong: true });
      await sql.query("insert into managed.migrations (name) values ($1)", [name]);
    });
  }
}

/** A text in SQL. Dollar quotes would end at those inside. */
const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
