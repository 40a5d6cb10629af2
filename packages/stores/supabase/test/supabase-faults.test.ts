import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { inspect } from "node:util";
import { isL402Error, type L402Error, type Use, type UseStore } from "@l402/core";
import { PostgrestClient } from "@supabase/postgrest-js";
import { describe, expect, it } from "vitest";
import { askSupabase } from "../src/ask-supabase.ts";
import { createSupabaseUseStore } from "../src/index.ts";
import { keyFor } from "./server/gateway.ts";
import { withSupabase } from "./server/with-supabase.ts";

const secret = "the paywall's own secret, 32 bytes+";
const newUse = (limit = 1) => ({
  key: randomBytes(32).toString("hex"),
  limit,
  expiresAt: new Date(Date.now() + 3_600_000),
});

const consume = async (store: UseStore, use: Use) => store.consume(use);

/** The error of a call that has to fail closed, and without a secret. */
async function failureOf(call: Promise<unknown> | unknown, secrets: readonly string[] = []): Promise<L402Error> {
  const error = await Promise.resolve(call).then(
    (answer) => new Error(`answered ${answer}`),
    (reason: unknown) => reason,
  );
  if (!isL402Error(error)) throw error;
  expect(error.code).toBe("STORE_UNAVAILABLE");
  const text = inspect(error, { depth: 9, showHidden: true });
  for (const each of [secret, ...secrets]) expect(text).not.toContain(each);
  return error;
}

await withSupabase(
  (server) => {
    const open = (key = server.anonKey, url = server.url) => createSupabaseUseStore({ url, key, secret });
    const refusal = async (store = open(), secrets: string[] = []) => {
      const use = newUse();
      const error = await failureOf(store.consume(use), [server.anonKey, server.serviceKey, use.key, ...secrets]);
      return error.message;
    };

    describe("faults: refused with the reason, and no secret in it", () => {
      it("missing function: names the migration to run", async () => {
        expect(await refusal()).toContain("run migrations/001_l402.sql");
        await failureOf(open().release(newUse()));
      });

      it("a table of another kind with the same name: the migration stops and leaves it alone", async () => {
        await server.sql("create table payments (invoice text)");
        await expect(server.migrate("001_l402.sql")).rejects.toThrow('a table "payments" already');
        await server.sql("rollback");
        expect(await server.sql("select * from payments")).toEqual([]);
        await server.sql("drop table payments");
      });

      it("a table that would refuse what the log writes: the migration stops and leaves it alone", async () => {
        await server.sql(`create table payments (payment_hash text primary key, endpoint text, amount_sats integer,
          paid_at timestamptz, preimage text not null)`);
        await expect(server.migrate("001_l402.sql")).rejects.toThrow(/"preimage".*not-null/);
        await server.sql("rollback");
        expect(await server.sql("select to_regproc('l402_record') as made")).toEqual([{ made: null }]);
        await server.sql("drop table payments");
      });

      it("the migration mends a table that takes a payment twice, or no large one, and writes nothing into it", async () => {
        await server.sql(`create table payments (id serial, payment_hash text, endpoint text, amount_sats integer not null,
            paid_at timestamptz);
          create function told() returns trigger language plpgsql as
            $$ begin insert into public.told values (new.payment_hash); return null; end $$;
          create table told (hash text);
          create trigger told after insert on payments for each row execute function told()`);
        await server.migrate("001_l402.sql");
        expect(await server.sql("select from payments union all select from told")).toEqual([]);
        const payment = { payment_hash: "a".repeat(64), amount_msat: 3_000_000_000_000 };
        for (let i = 0; i < 2; i++) await server.sql("select l402_record($1)", [JSON.stringify([payment])]);
        const [row] = await server.sql("select count(*)::int as rows, max(amount_sats) as sats from payments");
        expect(row).toEqual({ rows: 1, sats: null });
        await server.sql("drop table payments, told; drop function told; drop schema l402 cascade");
        for (const name of ["record", "consume", "release"]) await server.sql(`drop function l402_${name}`);
        await server.sql("notify pgrst, 'reload schema'");
      });

      it("the migration takes over a table as other L402 kits make it, twice too", async () => {
        await server.sql(`create table payments (id uuid primary key default gen_random_uuid(),
          payment_hash text unique not null, endpoint text, amount_sats integer, paid_at timestamptz);
          insert into payments (payment_hash, amount_sats) values ('OLD', -1)`);
        for (let i = 0; i < 2; i++) await server.migrate("001_l402.sql");
        expect(await server.sql("select payment_hash from payments")).toEqual([{ payment_hash: "OLD" }]);
        await expect.poll(() => consume(open(), newUse()).catch(() => "not yet")).toBe(0);
      });

      it("wrong key", async () => {
        expect(await refusal(open("sb_publishable_of_another_project"), ["sb_publishable"])).toContain(
          "refused the key",
        );
      });

      it("a signed-in user's key", async () => {
        expect(await refusal(open(keyFor("authenticated")))).toContain("the key may not do this");
      });

      it("wrong URL", async () => {
        expect(await refusal(open(server.anonKey, `${server.url}/nowhere`))).toContain("check SUPABASE_URL");
      });

      it("unreachable host", async () => {
        const repair = await server.disconnect();
        const message = await refusal().finally(repair);
        expect(message).toMatch(
          /^Supabase failed: it cannot be reached \((ECONNREFUSED|ECONNRESET|UND_ERR_SOCKET)\)\.$/,
        );
      });

      it("a host that accepts and never answers", async () => {
        const silent = createServer().listen(0, "127.0.0.1");
        await new Promise((resolve) => silent.once("listening", resolve));
        const { port } = silent.address() as { port: number };
        const call = () => ({
          abortSignal: (signal: AbortSignal) => fetch(`http://127.0.0.1:${port}`, { signal }),
        });
        const error = await failureOf(askSupabase(call as never, 0.1, "STORE_UNAVAILABLE"));
        expect(error.message).toBe("Supabase failed: it did not answer within 0.1 s.");
        silent.close();
      });

      it("full disk", async () => {
        await server.sql(`create function full_disk() returns trigger language plpgsql as $$
          begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$;
          create trigger full_disk before insert on l402.uses execute function full_disk()`);
        const message = await refusal().finally(() => server.sql("drop trigger full_disk on l402.uses"));
        expect(message).toBe("Supabase failed: its disk is full (53100).");
      });

      it("a database that is too slow", async () => {
        await server.sql("begin; lock table l402.uses");
        const message = await refusal().finally(() => server.sql("rollback"));
        expect(message).toBe("Supabase failed: its database took too long (57014).");
      });

      it("read-only replica", async () => {
        await server.postgres.kill();
        await server.postgres.start({ standby: true });
        await expect.poll(() => refusal(), { timeout: 20_000 }).toMatch(/read-only replica/);
        await server.postgres.kill();
        await server.postgres.start();
        await expect.poll(() => consume(open(), newUse()).catch(() => "down"), { timeout: 20_000 }).toBe(0);
      });

      it.each([null, undefined, true, "0", "-1", 1, -2, 0.5, Number.NaN, {}, []])(
        "odd answers: %s is no grant",
        async (data) => {
          const answer = Promise.resolve({ data, error: null, status: 200 });
          const call = Object.assign(answer, { abortSignal: () => answer });
          const client = { rpc: () => call };
          await failureOf(createSupabaseUseStore({ client, secret }).consume(newUse(1)));
        },
      );

      it.each([
        [() => Promise.reject(new Error(`key ${keyFor("anon")}`)), "cannot be reached"],
        [() => Promise.resolve(null), "cannot be reached"],
        [() => Promise.resolve({ data: 0, error: null, status: 302 }), "HTTP 302"],
        [() => Promise.resolve({ data: 0, error: { code: "23505" }, status: 200 }), "HTTP 200 (23505)"],
        [() => Promise.resolve({ data: null, error: { code: "" }, status: 540 }), "paused"],
      ])("a client that fails in its own way (%#)", async (abortSignal, reason) => {
        const client = { rpc: () => ({ abortSignal }) };
        const store = createSupabaseUseStore({ client: client as never, secret });
        expect((await failureOf(store.consume(newUse()), [keyFor("anon")])).message).toContain(reason);
      });
    });

    it("down when a use is given back: has it back soon, and once, and calls no token used up until then", async () => {
      const store = open();
      const use = newUse();
      expect(await store.consume(use)).toBe(0);
      const repair = await server.disconnect();
      await failureOf(store.release(use));
      await repair();
      const seen = new Set<unknown>();
      const outcome = () => consume(store, use).catch(({ message }) => message);
      await expect.poll(async () => seen.add(await outcome()).has(0), { timeout: 20_000 }).toBe(true);
      expect([...seen]).toContain("Supabase failed: a use is not given back yet.");
      expect(seen).not.toContain(false);
      expect(await store.consume(use)).toBe(false);
    });

    it("unreachable for one of two uses that come back: the one that has arrived hides no other", async () => {
      const client = new PostgrestClient(`${server.url}/rest/v1`, { headers: { apikey: server.anonKey } });
      let lost: string | undefined;
      let isDown = true;
      const rpc = (name: string, values: { call_id?: string }) => {
        lost ??= values.call_id;
        if (lost && values.call_id === lost && isDown) throw new TypeError("fetch failed");
        return client.rpc(name, values);
      };
      const store = createSupabaseUseStore({ client: { rpc }, secret });
      const use = newUse(2);
      for (const left of [1, 0]) expect(await store.consume(use)).toBe(left);
      await failureOf(store.release(use));
      await store.release(use);
      expect(await store.consume(use)).toBe(0);
      expect((await failureOf(store.consume(use))).message).toBe("Supabase failed: a use is not given back yet.");
      isDown = false;
      await expect.poll(() => consume(store, use).catch(() => "not yet"), { timeout: 20_000 }).toBe(0);
      expect(await store.consume(use)).toBe(false);
    });

    it.each([
      ["begins", false],
      ["ends", true],
    ])("slow, and a use whose return %s while it is asked: the use is not used up", async (_, isEarlier) => {
      const answers = new Map<string, (data: unknown) => void>();
      const rpc = (name: string) => ({
        abortSignal: () =>
          new Promise((resolve) => answers.set(name, (data) => resolve({ data, error: null, status: 200 }))),
      });
      const store = createSupabaseUseStore({ client: { rpc } as never, secret });
      const use = newUse();
      let released = isEarlier ? store.release(use) : undefined;
      const failure = failureOf(store.consume(use));
      released ??= store.release(use);
      if (isEarlier) {
        answers.get("l402_release")?.(null);
        await released;
      }
      answers.get("l402_consume")?.(-1);
      expect((await failure).message).toBe("Supabase failed: a use is not given back yet.");
      answers.get("l402_release")?.(null);
      await released;
    });

    it("killed in mid-flight: no use is granted twice, and all are counted after the restart", async () => {
      const store = open();
      const use = newUse(300);
      let granted = 0;
      let failed = 0;
      const racing = Array.from({ length: 300 }, () =>
        consume(store, use).then(
          (left) => (left === false ? undefined : granted++),
          (error) => failureOf(Promise.reject(error)).then(() => failed++),
        ),
      );
      await expect.poll(() => granted, { interval: 1, timeout: 10_000 }).toBeGreaterThan(20);
      await server.postgres.kill();
      await Promise.all(racing);
      expect(granted + failed).toBe(300);
      expect(failed).toBeGreaterThan(0);

      await server.postgres.start();
      await expect.poll(() => consume(store, newUse()).catch(() => "down"), { timeout: 20_000 }).toBe(0);
      const grantedBefore = granted;
      for (let left: number | false = 1; left !== false; ) {
        left = await store.consume(use);
        if (left !== false) granted++;
      }
      // A use that was counted while its answer got lost is lost with it; never the other way round.
      expect(granted).toBeLessThanOrEqual(300);
      expect(granted).toBeGreaterThanOrEqual(grantedBefore);
    });
  },
  { migrated: false, statementTimeout: "3s" },
);
