import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { Agent, type Server } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { JWT_SECRET, keyFor, startGateway } from "./gateway.ts";
import { findParts, type Parts } from "./parts.ts";
import { freePort, type Postgres, startPostgres } from "./postgres.ts";

/** A Supabase project of the tests' own: Postgres, PostgREST and the keys. */
export interface SupabaseServer {
  url: string;
  anonKey: string;
  serviceKey: string;
  supabaseJs: Parts["supabaseJs"];
  postgres: Postgres;
  sql: Postgres["sql"];
  migrate(file: string): Promise<void>;
  /** Calls the API as anybody can who has this key. */
  api(method: string, path: string, options?: ApiOptions): Promise<ApiAnswer>;
  /** Takes the project off the network; answers how to bring it back. */
  disconnect(): Promise<() => Promise<void>>;
  stop(): Promise<void>;
}

interface ApiOptions {
  key?: string;
  body?: unknown;
  prefer?: string;
  /** The schema that is asked for. */
  profile?: string;
}

interface ApiAnswer {
  status: number;
  /** Those that say something about what was done. */
  headers: Record<string, string>;
  data: unknown;
}

export interface SupabaseServerOptions {
  /** Whether the migration of this package was run. Default true. */
  migrated?: boolean;
  /** Supabase gives the anon key three seconds; a busy machine may need more. */
  statementTimeout?: string;
}

/** Starts a project. Throws with the reason where its parts cannot be installed. */
export async function startSupabase(options: SupabaseServerOptions = {}): Promise<SupabaseServer> {
  const { migrated = true, statementTimeout = "20s" } = options;
  const parts = await findParts();
  const postgres = await startPostgres(parts, statementTimeout);
  const port = await freePort();
  const adminPort = await freePort();
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  let gateway: Server = await startGateway(port, agent);
  const { port: gatewayPort } = gateway.address() as { port: number };
  const closeGateway = async () => {
    gateway.closeAllConnections();
    await new Promise((resolve) => gateway.close(resolve));
  };

  const migrate = async (file: string) => {
    await postgres.sql(readFileSync(new URL(`../../migrations/${file}`, import.meta.url), "utf8"));
  };
  if (migrated) await migrate("001_l402.sql");
  const postgrest = startPostgrest(parts, postgres.port, port, adminPort);
  await untilReady(adminPort);

  return {
    url: `http://127.0.0.1:${gatewayPort}`,
    anonKey: keyFor("anon"),
    serviceKey: keyFor("service_role"),
    supabaseJs: parts.supabaseJs,
    postgres,
    sql: postgres.sql,
    migrate,
    async api(method, path, { key = keyFor("anon"), body, prefer, profile } = {}) {
      const answer = await fetch(`http://127.0.0.1:${gatewayPort}/rest/v1${path}`, {
        method,
        headers: {
          apikey: key,
          authorization: `Bearer ${key}`,
          "content-type": "application/json",
          ...(prefer && { prefer }),
          ...(profile && { "accept-profile": profile, "content-profile": profile }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      const telling = [...answer.headers].filter(([name]) => /^(content-(range|length)|location)$/.test(name));
      const data = text === "" ? undefined : JSON.parse(text);
      return { status: answer.status, headers: Object.fromEntries(telling), data };
    },
    async disconnect() {
      await closeGateway();
      return async () => {
        gateway = await startGateway(port, agent, gatewayPort);
      };
    },
    async stop() {
      await closeGateway();
      agent.destroy();
      postgrest.kill("SIGKILL");
      await postgres.stop();
    },
  };
}

function startPostgrest(parts: Parts, postgresPort: number, port: number, adminPort: number): ChildProcess {
  const settings = {
    PGRST_DB_URI: `postgres://authenticator@127.0.0.1:${postgresPort}/postgres`,
    PGRST_DB_SCHEMAS: "public",
    PGRST_DB_ANON_ROLE: "anon",
    PGRST_DB_POOL: "20",
    PGRST_JWT_SECRET: JWT_SECRET,
    PGRST_SERVER_HOST: "127.0.0.1",
    PGRST_SERVER_PORT: String(port),
    PGRST_ADMIN_SERVER_PORT: String(adminPort),
    PGRST_LOG_LEVEL: "crit",
  };
  const child = spawn(parts.postgrest, { env: settings, stdio: "ignore" });
  process.once("exit", () => child.kill("SIGKILL"));
  return child;
}

async function untilReady(adminPort: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const answer = await fetch(`http://127.0.0.1:${adminPort}/ready`).catch(() => undefined);
    if (answer?.ok) return;
    await pause(50);
  }
  throw new Error("PostgREST did not become ready.");
}
