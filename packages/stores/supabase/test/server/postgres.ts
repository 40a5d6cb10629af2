import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, chownSync, cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import type { Parts, SqlClient } from "./parts.ts";

export interface Postgres {
  port: number;
  /** As the owner of the tables, who is no superuser: that is what a Supabase project's SQL editor is. */
  sql(text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** A shutdown without a goodbye, as when its machine dies. */
  kill(): Promise<void>;
  /** `standby` makes it a read-only replica. */
  start(options?: { standby?: boolean }): Promise<void>;
  stop(): Promise<void>;
}

/** The roles of a Supabase project, and its habit to grant everything on new tables and functions to everybody. */
const ROLES = `
  create role postgres login createrole createdb bypassrls;
  create role anon nologin;
  create role authenticated nologin;
  create role service_role nologin bypassrls;
  create role authenticator noinherit login;
  grant anon, authenticated, service_role to authenticator;
  alter database postgres owner to postgres;
  alter schema public owner to postgres;
  grant usage on schema public to anon, authenticated, service_role;
  alter default privileges for role postgres in schema public grant all on tables to anon, authenticated, service_role;
  alter default privileges for role postgres in schema public grant all on functions to anon, authenticated, service_role;`;

/** Postgres refuses to run as root; "nobody" will do. */
const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

export async function startPostgres(parts: Parts, statementTimeout: string): Promise<Postgres> {
  const directory = mkdtempSync(`${tmpdir()}/l402-postgres-`);
  let programs = parts.postgres;
  if (nobody.uid) {
    // The checkout may be where only root can read.
    programs = `${directory}/programs`;
    cpSync(parts.postgres, programs, { recursive: true, verbatimSymlinks: true });
    chownSync(directory, nobody.uid, nobody.gid);
  }
  const data = `${directory}/data`;
  const options = { cwd: directory, ...nobody };
  const initdb = ["-D", data, "-U", "supabase_admin", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
  const { status, stderr } = spawnSync(`${programs}/bin/initdb`, initdb, { ...options, encoding: "utf8" });
  if (status !== 0) throw new Error(`initdb failed: ${stderr}`);
  appendFileSync(`${data}/postgresql.conf`, "fsync=off\nunix_socket_directories=''\nmax_connections=60\n");

  const port = await freePort();
  let running: ReturnType<typeof spawn> | undefined;
  let client: SqlClient | undefined;

  async function connect(user: string): Promise<SqlClient> {
    for (let attempt = 0; ; attempt++) {
      const candidate = new parts.pg.Client({ host: "127.0.0.1", port, user, database: "postgres" });
      candidate.on("error", () => {});
      try {
        await candidate.connect();
        return candidate;
      } catch (error) {
        if (attempt === 200) throw error;
        await pause(50);
      }
    }
  }

  async function start({ standby = false } = {}): Promise<void> {
    const signal = `${data}/standby.signal`;
    rmSync(signal, { force: true });
    if (standby) writeFileSync(signal, "");
    running = spawn(`${programs}/bin/postgres`, ["-D", data, "-h", "127.0.0.1", "-p", String(port)], {
      ...options,
      stdio: "ignore",
    });
    await (await connect("supabase_admin")).end();
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    await client?.end().catch(() => {});
    client = undefined;
    const ended = running;
    running = undefined;
    if (!ended || ended.exitCode !== null) return;
    const exited = new Promise((resolve) => ended.once("exit", resolve));
    ended.kill(signal);
    await exited;
  }

  // A test run that breaks off leaves nothing behind.
  process.once("exit", () => {
    running?.kill("SIGQUIT");
    rmSync(directory, { recursive: true, force: true });
  });

  await start();
  const admin = await connect("supabase_admin");
  await admin.query(ROLES);
  await admin.query(`alter role anon set statement_timeout = '${statementTimeout}'`);
  await admin.end();

  return {
    port,
    start,
    async sql(text, values) {
      client ??= await connect("postgres");
      return (await client.query(text, values)).rows;
    },
    // SIGQUIT: all processes end at once, nothing is written, and the next start recovers from the log.
    kill: () => end("SIGQUIT"),
    async stop() {
      await end("SIGINT");
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
