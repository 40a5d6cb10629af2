import type { TestProject } from "vitest/node";
import { openDatabase } from "../src/database/open-database.ts";
import { createDatabase } from "./postgres/create-database.ts";
import { type Postgres, startPostgres } from "./postgres/start-postgres.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Of a real Postgres with a migrated database called "template"; empty where there is none. */
    postgresUrl: string;
  }
}

/** One Postgres for all tests of the service. Without one they run on PGlite, and those that need a server are skipped. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  let postgres: Postgres | undefined;
  try {
    postgres = await startPostgres();
  } catch (error) {
    if (process.env.L402_REQUIRE_SUPABASE) throw error;
    console.warn(`No Postgres to test with, so PGlite is used: ${(error as Error).message}`);
  }
  if (postgres) {
    await createDatabase(postgres.url("postgres"), "template");
    await (await openDatabase({ url: postgres.url("template") })).close();
  }
  project.provide("postgresUrl", postgres?.url("template") ?? "");
  return async () => postgres?.stop();
}
