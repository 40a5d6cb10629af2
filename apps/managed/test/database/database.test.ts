import { readdirSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { busy, type Database } from "../../src/database/database.ts";
import { openDatabase } from "../../src/database/open-database.ts";
import { startForgetfulRouter } from "../postgres/forgetful-router.ts";
import { createTestDatabase, describeWithPostgres } from "../postgres/open-test-database.ts";

const kinds = [["PGlite in memory", () => openDatabase()] as const];
if (inject("postgresUrl"))
  kinds.push(["a Postgres server" as never, async () => openDatabase({ url: await createTestDatabase() })]);

describe.each(kinds)("%s", (_, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
    await database.script("create table public.things (id int primary key, n bigint, at timestamptz)");
  });
  afterAll(() => database.close());

  it("answers whole numbers as numbers, instants as dates, and no number that it would have to round", async () => {
    const at = new Date("2026-01-01T00:00:00.123Z");
    await database.query("insert into things values (1, $1, $2)", [2 ** 53 - 1, at]);
    expect(await database.query("select n, at from things")).toEqual([{ n: 2 ** 53 - 1, at }]);
    await expect(database.query("select (n + 1) n from things")).rejects.toThrow("too large to be exact");
  });

  it("undoes a transaction that fails, whole", async () => {
    const act = database.transaction(async (sql) => {
      await sql.query("insert into things values (2, 0, now())");
      await sql.query("insert into things values (2, 0, now())");
    });
    await expect(act).rejects.toMatchObject({ code: "23505" });
    expect(await database.query("select 1 from things where id = 2")).toEqual([]);
  });

  it("lets one do what only one may, and the next one after it, also when it fails", async () => {
    let finish = () => {};
    const first = database.exclusively("a", () => new Promise<string>((resolve) => (finish = () => resolve("done"))));
    await database.exclusively("b", async () => {});
    expect(await database.exclusively("a", async () => "too soon")).toBe(busy);
    finish();
    expect(await first).toBe("done");
    await expect(database.exclusively("a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await database.exclusively("a", async () => "again")).toBe("again");
  });

  it("holds many locks at once without waiting for itself", async () => {
    const nested = (depth: number): Promise<unknown> =>
      depth === 0 ? database.query("select 1") : database.exclusively(`lock ${depth}`, () => nested(depth - 1));
    await nested(40);
  });
});

describeWithPostgres("two processes on one server", () => {
  it("start at the same time on an empty database", async () => {
    const url = await createTestDatabase();
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query("drop schema managed cascade");
    const opened = await Promise.all(Array.from({ length: 5 }, () => openDatabase({ url })));
    const { rows } = await client.query("select name from managed.migrations order by name");
    expect(rows.map(({ name }) => name)).toEqual(readdirSync(new URL("../../src/migrations", import.meta.url)).sort());
    await Promise.all(opened.map((database) => database.close()));
    await client.end();
  });

  it("know of each other's locks, and get those of one that is gone", async () => {
    const url = await createTestDatabase();
    const [one, other] = await Promise.all([openDatabase({ url }), openDatabase({ url })]);
    let finish = () => {};
    const held = one.exclusively("a", () => new Promise<void>((resolve) => (finish = resolve)));
    await one.exclusively("b", async () => {});
    expect(await other.exclusively("a", async () => {})).toBe(busy);
    await one.query(
      "select pg_terminate_backend(l.pid) from pg_locks l where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())",
    );
    // The server ends its side when it has noticed.
    while ((await other.exclusively("a", async () => "taken over")) === busy);
    finish();
    await held;
    expect(await one.exclusively("a", async () => "again")).toBe("again");
    await Promise.all([one.close(), other.close()]);
  });
});

describeWithPostgres("a connection that dies without a word", () => {
  it("is given up after half a minute, and another one takes its place, with its locks", async () => {
    const router = await startForgetfulRouter(await createTestDatabase());
    const database = await openDatabase({ url: router.url });
    const one = () => database.query("select 1 one");
    const whole = () => database.transaction((sql) => sql.query("select 1 one"));
    await Promise.all([one(), whole(), one(), database.exclusively("a", async () => {})]);
    router.forget();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const asked = [one(), whole(), one(), database.exclusively("b", async () => {})];
      const outcomes = Promise.allSettled(asked);
      await new Promise(setImmediate);
      await vi.advanceTimersByTimeAsync(30_000);
      for (const outcome of await outcomes)
        expect(outcome).toMatchObject({ status: "rejected", reason: { message: "Query read timeout" } });
    } finally {
      vi.useRealTimers();
    }
    expect(await one()).toEqual([{ one: 1 }]);
    expect(await whole()).toEqual([{ one: 1 }]);
    expect(await database.exclusively("b", async () => "taken")).toBe("taken");
    await database.close();
    router.close();
  });
});
