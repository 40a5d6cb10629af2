import type { Database } from "./database.ts";
import { migrate } from "./migrate.ts";
import { openPglite } from "./open-pglite.ts";
import { openPostgres } from "./open-postgres.ts";

export interface DatabaseOptions {
  /** A Postgres server, as in `DATABASE_URL`. */
  url?: string | undefined;
  /** Without a server: the folder of the database; without that it is in memory. */
  folder?: string | undefined;
}

/** Opens the database and brings it up to date. */
export async function openDatabase({ url, folder }: DatabaseOptions = {}): Promise<Database> {
  const database = url ? await openPostgres(url) : await openPglite(folder);
  await migrate(database);
  return database;
}
