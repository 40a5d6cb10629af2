import { randomBytes } from "node:crypto";
import { describe, inject, it } from "vitest";
import type { Database } from "../../src/database/database.ts";
import { openDatabase } from "../../src/database/open-database.ts";
import { createDatabase } from "./create-database.ts";

/** A migrated database of its own on the tests' Postgres. */
export const createTestDatabase = (): Promise<string> =>
  createDatabase(inject("postgresUrl"), `test_${randomBytes(6).toString("hex")}`, "template");

/** A migrated database of its own: on a real Postgres where there is one, else PGlite in memory. */
export const openTestDatabase = async (): Promise<Database> =>
  openDatabase(inject("postgresUrl") ? { url: await createTestDatabase() } : {});

/** `describe`, for tests that need a server. Without one they are skipped, and say why. */
export function describeWithPostgres(name: string, register: () => void): void {
  if (inject("postgresUrl")) {
    describe(name, register);
    return;
  }
  console.warn(`Skipped, because there is no Postgres to test with: ${name}`);
  describe(name, () => it.skip("needs a Postgres server", () => {}));
}
