import { spawn } from "node:child_process";
import { createHash, createHmac, randomBytes, randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { createPaywall } from "@l402/core";
import { fakeLightning, payChallenge } from "@l402/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { createSupabasePaymentLog, createSupabaseUseStore } from "../src/index.ts";
import { keyFor, PUBLISHABLE_KEY, SECRET_KEY } from "./server/gateway.ts";
import { withSupabase } from "./server/with-supabase.ts";

const secret = "the paywall's own secret, 32 bytes+";
const hash = () => randomBytes(32).toString("hex");
const inAnHour = () => new Date(Date.now() + 3_600_000);

/** What l402 doctor finds, whose store counts with a secret key. */
async function doctor(SUPABASE_URL: string, SUPABASE_ANON_KEY: string): Promise<string> {
  const main = fileURLToPath(new URL("../../../cli/src/main.ts", import.meta.url));
  const settings = { SUPABASE_URL, SUPABASE_ANON_KEY, SUPABASE_SECRET_KEY: SECRET_KEY, L402_SECRET: secret };
  const child = spawn(process.execPath, ["--conditions=@l402/source", "--import", "tsx", main, "doctor"], {
    env: { PATH: process.env.PATH, L402_STORE: "supabase", ...settings },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const output = Buffer.concat(await child.stdout.toArray()).toString();
  expect(output).toContain("✓ The store counts token uses correctly.");
  for (const key of [SUPABASE_ANON_KEY, SECRET_KEY, secret]) expect(output).not.toContain(key);
  return output;
}

/** Everybody has the anon key: it is in the JavaScript of the seller's website. */
await withSupabase((server) => {
  const { api, sql } = server;
  const row = { payment_hash: hash(), endpoint: "GET /a", amount_msat: 10_500, paid_at: "2026-01-01T00:00:00+00:00" };
  const rows = () => sql("select * from payments order by payment_hash");
  const rpc = (name: string, body: object, prefer?: string) =>
    api("POST", `/rpc/${name}`, { body, ...(prefer && { prefer }) });
  const record = (...payments: object[]) => rpc("l402_record", { payments });

  beforeEach(async () => {
    await sql("delete from payments");
    await sql("delete from l402.uses");
  });

  describe("what the anon key can do to the log", () => {
    it("record a payment", async () => {
      expect((await record(row)).status).toBe(204);
      const paid_at = new Date(row.paid_at);
      expect(await rows()).toMatchObject([{ ...row, paid_at, amount_msat: "10500", amount_sats: 10 }]);
    });

    it("not read", async () => {
      await record(row);
      for (const path of ["/payments", "/payments?select=count", `/payments?payment_hash=eq.${row.payment_hash}`]) {
        for (const method of ["GET", "HEAD"]) expect((await api(method, path)).status).toBe(401);
        expect((await api("GET", path)).data).toMatchObject({ code: "42501" });
      }
    });

    it("not insert, update or delete otherwise", async () => {
      await record(row);
      const before = await rows();
      const paths = ["/payments", "/payments?on_conflict=payment_hash", `/payments?id=eq.${before[0]?.id}`];
      const prefers = ["return=minimal", "return=representation", "resolution=merge-duplicates"];
      for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
        for (const path of paths) {
          for (const prefer of prefers) {
            for (const payment_hash of [row.payment_hash, hash()]) {
              const body = method === "DELETE" ? undefined : { id: before[0]?.id, payment_hash, endpoint: "mine" };
              expect((await api(method, path, { body, prefer })).status).toBeGreaterThanOrEqual(400);
            }
          }
        }
      }
      expect(await rows()).toEqual(before);
    });

    it("not overwrite what is recorded", async () => {
      await record(row);
      const before = await rows();
      const changed = { ...row, id: before[0]?.id, endpoint: "mine", amount_msat: 1, paid_at: "2020-01-01" };
      expect((await record(changed)).status).toBe(204);
      expect((await record({ ...changed, payment_hash: hash() }, changed, changed)).status).toBe(204);
      expect(await rows()).toHaveLength(2);
      expect(await rows()).toEqual(expect.arrayContaining(before));
    });

    // Whoever saw a challenge would like to know whether it was paid. Tries that leave a row tell nothing twice.
    it("not find out whether a payment is in it, whatever is asked for", async () => {
      await record(row);
      const tries: [change: object, prefer: string][] = [
        [{}, "count=exact"],
        [{}, "return=representation,count=exact"],
        [{}, "return=headers-only"],
        [{ amount_msat: -1 }, "count=exact"],
        [{ endpoint: "x".repeat(1001) }, "return=minimal"],
        [{ paid_at: "yesterday-ish" }, "return=minimal"],
        [{ amount_msat: 2 ** 60 }, "return=minimal"],
      ];
      for (const [change, prefer] of tries) {
        const [known, unknown] = await Promise.all(
          [row.payment_hash, hash()].map(async (payment_hash) => {
            const { data, ...answer } = await rpc("l402_record", { payments: [{ payment_hash, ...change }] }, prefer);
            // Its details repeat what was sent.
            const { code, message } = (data ?? {}) as { code?: string; message?: string };
            return { ...answer, code, message };
          }),
        );
        expect(known, JSON.stringify([change, prefer])).toEqual(unknown);
      }
    });

    it("not add what no payment looks like", async () => {
      const bad = [
        {},
        null,
        { payment_hash: "x" },
        { payment_hash: row.payment_hash.toUpperCase() },
        { payment_hash: hash(), amount_msat: -1 },
        { payment_hash: hash(), amount_msat: 2 ** 54 },
        { payment_hash: hash(), endpoint: "x".repeat(1001) },
      ];
      for (const each of bad) expect((await record(row, each as object)).status).toBe(400);
      for (const payments of [null, 1, "x", {}, [[]], [1]]) await rpc("l402_record", { payments });
      expect(await rows()).toEqual([]);
    });

    it("nothing at all with the key of a signed-in user", async () => {
      const key = keyFor("authenticated");
      for (const [method, path] of [
        ["GET", "/payments"],
        ["POST", "/payments"],
        ["POST", "/rpc/l402_record"],
        ["POST", "/rpc/l402_consume"],
        ["POST", "/rpc/l402_release"],
        ["DELETE", "/payments?id=not.is.null"],
      ]) {
        const body = {
          "/payments": row,
          "/rpc/l402_record": { payments: [row] },
          "/rpc/l402_consume": { keys: [hash()], max_uses: 1, expires_at: inAnHour() },
          "/rpc/l402_release": { keys: [hash()], call_id: randomUUID() },
        }[String(path)];
        const answer = await api(String(method), String(path), { key, body: method === "POST" ? body : undefined });
        expect(answer.data).toMatchObject({ code: "42501" });
      }
    });

    it("and l402 doctor sees whether the table is closed", async () => {
      const closed = "✓ The public key of Supabase opens no payments.";
      const unseen = "✓ Whether payments are closed to the public key of Supabase could not be seen";
      const keys = [server.anonKey, PUBLISHABLE_KEY, "a-wrong-key"];
      const said = await Promise.all(keys.map((key) => doctor(server.url, key)));
      for (const [i, sentence] of [closed, closed, unseen].entries()) expect(said[i]).toContain(sentence);
      await sql("grant select on payments to anon");
      expect(await doctor(server.url, server.anonKey)).toMatch(/! The table payments .* SUPABASE_ANON_KEY, .* → Run /);
      await server.migrate("001_l402.sql");
    });

    it("and row-level security holds where somebody granted everything again", async () => {
      await record(row);
      await sql("grant all on payments to anon");
      const before = await rows();
      expect(await api("GET", "/payments")).toMatchObject({ status: 200, data: [] });
      await api("POST", "/payments", { body: { payment_hash: hash() } });
      await api("PATCH", "/payments?id=not.is.null", { body: { endpoint: "mine" } });
      await api("DELETE", "/payments?id=not.is.null");
      expect(await rows()).toEqual(before);
      await server.migrate("001_l402.sql");
      expect((await api("GET", "/payments")).data).toMatchObject({ code: "42501" });
    });

    it("not reach what no API serves", async () => {
      for (const profile of ["l402", "pg_catalog", "information_schema"]) {
        const answers = [
          await api("GET", "/uses", { profile }),
          await api("POST", "/rpc/pg_sleep", { body: { seconds: 0 }, profile }),
        ];
        for (const { data } of answers) expect(data).toMatchObject({ code: "PGRST106" });
      }
    });
  });

  describe("what the anon key can do to replay protection", () => {
    const useStore = createSupabaseUseStore({ url: server.url, key: server.anonKey, secret });

    it("not burn a hash that somebody is about to pay", async () => {
      const lightning = fakeLightning();
      const paywall = createPaywall({ provider: lightning.provider, secret, useStore, network: "regtest" });
      const terms = { price: 10 };
      const ask = (authorization?: string) =>
        paywall.check(
          { method: "GET", path: "/a", header: (name) => (name === "authorization" ? authorization : null) },
          terms,
        );

      const offer = await ask();
      if (offer.outcome !== "denied") throw new Error("free?");
      const header = offer.reply.headers.filter(([name]) => name === "WWW-Authenticate").map(([, value]) => value);
      const { paymentHash, token } = JSON.parse(offer.reply.body);
      // All that one who sees the challenge and knows our code can come up with.
      const guesses = [
        paymentHash,
        createHash("sha256").update(paymentHash).digest("hex"),
        createHash("sha256").update(paymentHash, "hex").digest("hex"),
        ...["", server.anonKey, server.url, token, paymentHash].map((guess) =>
          createHmac("sha256", guess).update(`l402-supabase-use:${paymentHash}`).digest("hex"),
        ),
      ];
      for (const guess of guesses) {
        const body = { keys: [guess], max_uses: 1, expires_at: inAnHour() };
        expect((await rpc("l402_consume", body)).data).toBe(0);
      }
      const authorization = await payChallenge(lightning.wallet, header);
      expect((await ask(authorization)).outcome).toBe("granted");
      for (const guess of guesses) await rpc("l402_release", { keys: [guess], call_id: randomUUID() });
      expect((await ask(authorization)).outcome).toBe("denied");
    });

    it("not see, change or delete counts", async () => {
      await useStore.consume({ key: hash(), limit: 1, expiresAt: inAnHour() });
      for (const path of ["/uses", "/l402.uses", "/l402_uses"]) {
        for (const method of ["GET", "DELETE", "PATCH", "POST"]) {
          const answer = await api(method, path, { body: method === "GET" ? undefined : { used: 0 } });
          expect(answer.status).toBeGreaterThanOrEqual(400);
        }
      }
      for (const statement of ["select * from l402.uses", "delete from l402.uses", "update l402.uses set used = 0"]) {
        await expect(sql(`begin; set local role anon; ${statement}; commit`)).rejects.toThrow("permission denied");
        await sql("rollback");
      }
      expect(await sql("select used from l402.uses")).toEqual([{ used: 1 }]);
    });

    it("not put anything but keys and counts into the table", async () => {
      const expires_at = inAnHour();
      const bad = [
        { keys: ["00"], max_uses: 1, expires_at },
        { keys: ["'; drop table l402.uses; --"], max_uses: 1, expires_at },
        { keys: [], max_uses: 1, expires_at },
        { keys: null, max_uses: 1, expires_at },
        { keys: [null], max_uses: 1, expires_at },
        { keys: Array.from({ length: 17 }, hash), max_uses: 1, expires_at },
        { keys: [hash()], max_uses: 0, expires_at },
        { keys: [hash()], max_uses: null, expires_at },
        { keys: [hash()], max_uses: 1, expires_at: "infinity" },
        { keys: [hash()], max_uses: 1, expires_at: null },
        { keys: [hash()], max_uses: 1, expires_at: "2090-01-01" },
      ];
      for (const body of bad) expect((await rpc("l402_consume", body)).status, JSON.stringify(body)).toBe(400);
      expect(await sql("select * from l402.uses")).toEqual([]);
    });

    it("flood: rows are small, stand in nobody's way, and can be told from real ones by their expiry", async () => {
      const before = { key: hash(), limit: 2, expiresAt: inAnHour() };
      expect(await useStore.consume(before)).toBe(1);
      const far = new Date(Date.now() + 9 * 365 * 86_400_000);
      for (let i = 0; i < 125; i++) {
        await rpc("l402_consume", { keys: Array.from({ length: 16 }, hash), max_uses: 1, expires_at: far });
      }
      const [size] = await sql("select pg_total_relation_size('l402.uses') / count(*) as bytes from l402.uses");
      expect(Number(size?.bytes)).toBeLessThan(300);
      expect(await useStore.consume(before)).toBe(0);
      expect(await useStore.consume(before)).toBe(false);
      // What the README says to do about it.
      await sql("delete from l402.uses where expires_at > now() + interval '1 day'");
      expect(await useStore.consume(before)).toBe(false);
      expect(await sql("select count(*)::int as rows from l402.uses")).toEqual([{ rows: 1 }]);
    });
  });

  it.each([
    ["publishable", PUBLISHABLE_KEY],
    ["secret", SECRET_KEY],
  ])("the %s key of a newer project counts and records", async (_, key) => {
    const connection = { url: server.url, key };
    const use = { key: hash(), limit: 2, expiresAt: inAnHour() };
    const store = createSupabaseUseStore({ ...connection, secret });
    expect(await store.consume(use)).toBe(1);
    await store.release(use);
    for (const left of [1, 0, false]) expect(await store.consume(use)).toBe(left);
    const log = createSupabasePaymentLog(connection);
    await log.record({ paymentHash: use.key, amountMsat: 1000, resource: "GET /a", paidAt: new Date() });
    await log.flush();
    expect(await rows()).toMatchObject([{ payment_hash: use.key }]);
  });

  it("002_secret_key_only.sql takes everything from the anon key, and leaves it to the secret key", async () => {
    await server.migrate("002_secret_key_only.sql");
    const use = { key: hash(), limit: 1, expiresAt: inAnHour() };
    const connect = (key: string) => ({ url: server.url, key });
    const anonymous = createSupabaseUseStore({ ...connect(server.anonKey), secret });
    await expect(anonymous.consume(use)).rejects.toThrow(/secret key.*42501/);
    await expect(anonymous.release(use)).rejects.toThrow(/secret key.*42501/);
    expect((await record(row)).data).toMatchObject({ code: "42501" });

    const own = createSupabaseUseStore({ ...connect(server.serviceKey), secret });
    expect(await own.consume(use)).toBe(0);
    const log = createSupabasePaymentLog(connect(server.serviceKey));
    await log.record({ paymentHash: use.key, amountMsat: 1000, resource: "GET /a", paidAt: new Date() });
    await log.flush();
    expect(await rows()).toMatchObject([{ payment_hash: use.key }]);
    // As for a newer version of this package, which may have other functions.
    await sql("drop function public.l402_release(text[], uuid)");
    await sql("create function public.l402_release(text[]) returns void language sql as 'select'");
    await server.migrate("001_l402.sql");
    await expect(anonymous.consume(use)).rejects.toThrow(/42501/);
    await expect(anonymous.release(use)).rejects.toThrow(/42501/);
    expect(await sql("select to_regprocedure('public.l402_release(text[])') as older")).toEqual([{ older: null }]);
    expect((await record(row)).data).toMatchObject({ code: "42501" });
    expect(await own.consume(use)).toBe(false);
  });
});
