import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { busy, type Database, type Sql, wholeNumber } from "./database.ts";
import { lockFolder } from "./lock-folder.ts";

const directory = fileURLToPath(new URL("../../pglite", import.meta.url));
const installer = fileURLToPath(new URL("../../../../tooling/install-locked.mjs", import.meta.url));

interface PgliteSql {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

interface Pglite extends PgliteSql {
  exec(text: string): Promise<unknown>;
  transaction<Result>(act: (sql: PgliteSql) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** Postgres inside this process: in memory, or in a folder that one process at a time may use. */
export async function openPglite(folder?: string): Promise<Database> {
  const unlock = folder === undefined ? async () => {} : await lockFolder(folder);
  const db = await create(folder).catch(async (error: unknown) => {
    await unlock();
    throw error;
  });
  const locked = new Set<string>();
  const on = (client: PgliteSql): Sql => ({
    async query<Row>(text: string, values: readonly unknown[] = []) {
      return (await client.query(text, [...values])).rows as Row[];
    },
  });
  return {
    name: folder === undefined ? "PGlite in memory" : `PGlite in ${folder}`,
    query: on(db).query,
    transaction: (act) => db.transaction((client) => act(on(client))),
    script: async (text) => void (await db.exec(text)),
    async exclusively(lock, act) {
      if (locked.has(lock)) return busy;
      locked.add(lock);
      try {
        return await act();
      } finally {
        locked.delete(lock);
      }
    },
    async close() {
      await db.close();
      await unlock();
    },
  };
}

async function create(folder: string | undefined): Promise<Pglite> {
  const { PGlite } = await loadPglite();
  return PGlite.create({
    ...(folder !== undefined && { dataDir: `${folder}/data` }),
    parsers: { 20: wholeNumber },
  });
}

async function loadPglite(): Promise<{ PGlite: { create(options: object): Promise<Pglite> } }> {
  const { status } = spawnSync(process.execPath, [installer, "apps/managed/pglite"], { stdio: ["ignore", 2, 2] });
  if (status !== 0)
    throw new Error("The embedded database could not be installed. Set DATABASE_URL to use a Postgres server instead.");
  const entry = createRequire(`${directory}/package.json`).resolve("@electric-sql/pglite");
  return await import(pathToFileURL(entry).href);
}
