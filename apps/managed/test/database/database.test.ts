import { readdirSync, readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { busy, type Database } from "../../src/database/database.ts";
import { openDatabase } from "../../src/database/open-database.ts";
import { startForgetfulRouter } from "../postgres/forgetful-router.ts";
import { createTestDatabase, describeWithPostgres } from "../postgres/open-test-database.ts";

/** Other tests use the same server. */
const IS_LOCK = "locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())";

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
    await one.query(`select pg_terminate_backend(pid) from pg_locks where ${IS_LOCK}`);
    // The server ends its side when it has noticed.
    while ((await other.exclusively("a", async () => "taken over")) === busy);
    finish();
    await held;
    expect(await one.exclusively("a", async () => "again")).toBe("again");
    await Promise.all([one.close(), other.close()]);
  });
});

describeWithPostgres("the connection that holds the locks", () => {
  it("leaves none behind when the server ends it, and those taken right after that are given back", async () => {
    const url = await createTestDatabase();
    const [one, other] = await Promise.all([openDatabase({ url }), openDatabase({ url })]);
    for (let round = 0; round < 5; round++) {
      const names = Array.from({ length: 8 }, (_, i) => `payout ${i} of round ${round}`);
      await one.exclusively("held", async () => {
        await one.query(`select pg_terminate_backend(pid) from pg_locks where ${IS_LOCK}`);
        const take = (name: string): Promise<unknown> => one.exclusively(name, async () => {}).catch(() => take(name));
        await Promise.all(names.map(take));
      });
      for (const database of [other, one]) {
        for (const name of names) expect(await database.exclusively(name, async () => "free")).toBe("free");
      }
    }
    await Promise.all([one.close(), other.close()]);
  });

  it("is watched by the server, so that a machine without power keeps no locks", async (test) => {
    if (process.platform !== "linux") return test.skip("reads Linux's table of connections");
    const database = await openDatabase({ url: await createTestDatabase() });
    const timer = await database.exclusively("a", async () => {
      const [row] = await database.query<{ client_port: number; server_port: number }>(
        `select client_port, inet_server_port() server_port from pg_stat_activity join pg_locks using (pid)
          where ${IS_LOCK}`,
      );
      const [server, client] = [row?.server_port ?? 0, row?.client_port ?? 0].map(
        (port) => `:${port.toString(16).toUpperCase().padStart(4, "0")}`,
      ) as [string, string];
      // "02" is a timer that asks whether the other side is there. Others have the connection before its last answer arrived.
      for (;;) {
        const connections = readFileSync("/proc/net/tcp", "utf8")
          .split("\n")
          .map((line) => line.trim().split(/ +/));
        const found = connections.find(([, from, to]) => from?.endsWith(server) && to?.endsWith(client));
        const [, hundredths] = /^02:(.{8})$/.exec(found?.[5] ?? "") ?? [];
        if (hundredths !== undefined) return Number.parseInt(hundredths, 16);
        await new Promise(setImmediate);
      }
    });
    expect(timer).toBeLessThanOrEqual(1_000);
    await database.close();
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
