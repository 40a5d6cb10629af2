import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { busy, type Database, type Sql, wholeNumber } from "./database.ts";

const directory = fileURLToPath(new URL("../../pglite", import.meta.url));
const installer = fileURLToPath(new URL("../../../../tooling/install-pglite.mjs", import.meta.url));

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
  const unlock = folder === undefined ? () => {} : lockFolder(folder);
  const { PGlite } = await loadPglite();
  const db = await PGlite.create({
    ...(folder !== undefined && { dataDir: `${folder}/data` }),
    parsers: { 20: wholeNumber },
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
      unlock();
    },
  };
}

async function loadPglite(): Promise<{ PGlite: { create(options: object): Promise<Pglite> } }> {
  const { status } = spawnSync(process.execPath, [installer], { stdio: ["ignore", 2, 2] });
  if (status !== 0)
    throw new Error("The embedded database could not be installed. Set DATABASE_URL to use a Postgres.");
  const entry = createRequire(`${directory}/package.json`).resolve("@electric-sql/pglite");
  return await import(pathToFileURL(entry).href);
}

/** Two processes in one folder would destroy it. */
function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = `${folder}/process-id`;
  const take = () => writeFileSync(file, String(process.pid), { flag: "wx" });
  try {
    take();
  } catch {
    const holder = Number(readFileSync(file, "utf8"));
    if (isAlive(holder)) throw new Error(`${folder} is in use by process ${holder}. Set DATABASE_URL to share one.`);
    rmSync(file);
    take();
  }
  return () => rmSync(file, { force: true });
}

function isAlive(processId: number): boolean {
  try {
    return processId > 0 && processId !== process.pid && process.kill(processId, 0);
  } catch {
    return false;
  }
}
