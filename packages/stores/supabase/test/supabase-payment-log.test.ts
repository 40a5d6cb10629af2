import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { describePaymentLog } from "@l402/testing";
import { describe, expect, it } from "vitest";
import { createSupabasePaymentLog, createSupabaseUseStore, type SupabaseClient } from "../src/index.ts";
import { withSupabase } from "./server/with-supabase.ts";

const newEvent = () => ({
  paymentHash: randomBytes(32).toString("hex"),
  amountMsat: 10_500,
  resource: "GET /a",
  paidAt: new Date(),
});

await withSupabase((server) => {
  const connection = { url: server.url, key: server.anonKey };
  const open = () => createSupabasePaymentLog({ ...connection, onWarning: () => {} });
  const rowOf = async (paymentHash: string) =>
    (await server.sql("select * from payments where payment_hash = $1", [paymentHash]))[0];

  describePaymentLog(
    { describe, it },
    {
      name: "Supabase with the anon key",
      create: () => ({
        log: open(),
        entries: async () => {
          const rows = await server.sql("select payment_hash, amount_msat from payments");
          return rows.map((row) => ({
            paymentHash: String(row.payment_hash),
            amountMsat: Number(row.amount_msat),
            row,
          }));
        },
      }),
      breakBackend: () => server.disconnect(),
    },
  );

  describe("rows", () => {
    it("are added up by the README's two queries", async () => {
      const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
      const queries = /```sql\n(.*?)\n```/s.exec(readme)?.[1]?.split("\n") ?? [];
      const log = open();
      for (const amountMsat of [10_500, 20_000]) log.record({ ...newEvent(), resource: "GET /added-up", amountMsat });
      await log.flush();
      const answers = await Promise.all(queries.map((query) => server.sql(query)));
      expect(answers).toHaveLength(2);
      const [route] = answers[0]?.filter(({ endpoint }) => endpoint === "GET /added-up") ?? [];
      expect([Number(route?.count), Math.round(Number(route?.sats) * 10)]).toEqual([2, 305]);
      expect(answers[1]?.length).toBeGreaterThan(0);
    });

    it("have whole sats beside the exact amount, as far as the column goes", async () => {
      const log = open();
      const amounts = { 1: 0, 10999: 10, 2147483647999: 2_147_483_647, 2147483648000: null };
      for (const [amountMsat, sats] of Object.entries(amounts)) {
        const event = { ...newEvent(), amountMsat: Number(amountMsat) };
        log.record(event);
        await log.flush();
        expect(await rowOf(event.paymentHash)).toMatchObject({ amount_msat: amountMsat, amount_sats: sats });
      }
    });

    it("an amount survives JSON both ways", async () => {
      const log = open();
      const event = { ...newEvent(), amountMsat: Number.MAX_SAFE_INTEGER };
      log.record(event);
      await log.flush();
      const path = `/payments?payment_hash=eq.${event.paymentHash}&select=amount_msat`;
      const { data } = await server.api("GET", path, { key: server.serviceKey });
      expect(data).toEqual([{ amount_msat: 9007199254740991 }]);
    });

    it("take any text as the endpoint", async () => {
      const log = open();
      const resources = [
        "\0",
        "\ud800x",
        `${"x".repeat(999)}😀`,
        "'; drop table payments; --",
        "😀".repeat(2000),
        '"\\\u2028',
      ];
      const events = resources.map((resource) => ({ ...newEvent(), resource }));
      for (const event of events) log.record(event);
      await log.flush();
      const endpoints = [];
      for (const { paymentHash } of events) endpoints.push((await rowOf(paymentHash))?.endpoint);
      expect(endpoints).toEqual([
        "\ufffd",
        "\ufffdx",
        `${"x".repeat(999)}\ufffd`,
        "'; drop table payments; --",
        "😀".repeat(500),
        '"\\\u2028',
      ]);
    });
  });

  describe("several servers", () => {
    it("log the same payments at once: one row each, the first amount stays, and no batch is lost", async () => {
      const logs = [open(), open(), open()];
      const shared = Array.from({ length: 600 }, newEvent);
      const own = logs.map(() => Array.from({ length: 50 }, newEvent));
      logs.forEach((log, i) => {
        for (const event of [...shared, ...(own[i] ?? [])]) log.record(event);
      });
      await Promise.all(logs.map((log) => log.flush()));
      const [count] = await server.sql("select count(*)::int as rows from payments where payment_hash = any ($1)", [
        [...shared, ...own.flat()].map(({ paymentHash }) => paymentHash),
      ]);
      expect(count).toEqual({ rows: 750 });

      const [first] = shared;
      const log = open();
      log.record({ ...newEvent(), ...first, amountMsat: 1 });
      await log.flush();
      expect(await rowOf(String(first?.paymentHash))).toMatchObject({ amount_msat: "10500" });
    });
  });

  it("a table that is missing is named, and payments are kept until it is there", async () => {
    const warnings: string[] = [];
    await server.sql("alter table payments rename to elsewhere");
    const log = createSupabasePaymentLog({ ...connection, onWarning: ({ message }) => warnings.push(message) });
    const event = newEvent();
    log.record(event);
    await expect.poll(() => warnings).toHaveLength(1);
    expect(warnings[0]).toContain("run migrations/001_l402.sql");
    expect(warnings[0]).not.toContain(server.anonKey);
    await server.sql("alter table elsewhere rename to payments");
    await log.flush();
    expect(await rowOf(event.paymentHash)).toMatchObject({ endpoint: "GET /a" });
  });

  it("supabase-js itself is a client, also for the store", async () => {
    // Without a WebSocket, which Node 20 does not have, its Realtime part refuses to start.
    const options = { auth: { persistSession: false }, realtime: { transport: class {} } };
    const client = server.supabaseJs().createClient(server.url, server.anonKey, options) as SupabaseClient;
    const log = createSupabasePaymentLog({ client });
    const event = newEvent();
    log.record(event);
    await log.flush();
    expect(await rowOf(event.paymentHash)).toMatchObject({ payment_hash: event.paymentHash });
    const store = createSupabaseUseStore({ client, secret: "the paywall's own secret, 32 bytes+" });
    const use = { key: event.paymentHash, limit: 1, expiresAt: new Date(Date.now() + 60_000) };
    expect(await store.consume(use)).toBe(0);
    expect(await store.consume(use)).toBe(false);
  });
});
