import { randomBytes } from "node:crypto";
import type { Secret } from "@l402/core";
import { describeUseStore } from "@l402/testing";
import { PostgrestClient } from "@supabase/postgrest-js";
import { describe, expect, it } from "vitest";
import { createSupabaseUseStore } from "../src/index.ts";
import { race } from "./server/race.ts";
import { withSupabase } from "./server/with-supabase.ts";

const secret = "the paywall's own secret, 32 bytes+";
const later = () => new Date(Date.now() + 3_600_000);
const newUse = (limit: number) => ({ key: randomBytes(32).toString("hex"), limit, expiresAt: later() });

await withSupabase((server) => {
  const open = (own: Secret = secret) => createSupabaseUseStore({ url: server.url, key: server.anonKey, secret: own });

  describeUseStore(
    { describe, it },
    {
      name: "Supabase with the anon key",
      create: () => open(),
      createPeer: () => open(),
      breakBackend: () => server.disconnect(),
      time: "real",
    },
  );

  describe("several servers", () => {
    it("two processes with 1000 racing uses each are granted exactly the limit", { timeout: 120_000 }, async () => {
      const uses = [newUse(700)];
      const settings = { url: server.url, key: server.anonKey, secret, uses, times: 1000 };
      const [one, other] = await Promise.all([race(settings), race(settings)]);
      uses.forEach(({ limit }, i) => {
        const [some, more] = [one[i] ?? [], other[i] ?? []];
        expect([some.length, more.length]).toEqual([1000, 1000]);
        const granted = [...some, ...more].filter((left) => left !== false);
        expect(granted.sort((a, b) => a - b)).toEqual(Array.from({ length: limit }, (_, left) => left));
      });
    });

    it("servers race under many tokens without waiting for each other forever", async () => {
      const stores = [
        open([
          { id: "a", secret },
          { id: "b", secret: `${secret}2` },
        ]),
        open(secret),
      ];
      const uses = Array.from({ length: 21 }, (_, i) => newUse(1 + 4 * (i % 2)));
      const answers = await Promise.all(
        Array.from({ length: 420 }, (_, i) => stores[i % 2]?.consume(uses[i % 21] as (typeof uses)[0])),
      );
      uses.forEach(({ limit }, token) => {
        const granted = answers.filter((answer, i) => i % 21 === token && answer !== false);
        expect(granted.sort()).toEqual(Array.from({ length: limit }, (_, left) => left));
      });
    });

    it("a use whose give-back got no answer is given back once, however often it is sent", async () => {
      const use = newUse(3);
      for (const left of [2, 1, 0]) expect(await open().consume(use)).toBe(left);
      let calls = 0;
      const client = new PostgrestClient(`${server.url}/rest/v1`, {
        headers: { apikey: server.anonKey, Authorization: `Bearer ${server.anonKey}` },
        fetch: async (...request) => {
          const answer = await fetch(...request);
          if (calls++ < 2) throw new Error("The answer is lost.");
          return answer;
        },
      });
      const release = createSupabaseUseStore({ client, secret }).release(use);
      await expect(release).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
      await expect.poll(() => calls, { timeout: 20_000 }).toBe(3);
      for (const left of [0, false]) expect(await open().consume(use)).toBe(left);
    });

    it("the database's clock decides, so that a server's wrong clock grants nothing", async () => {
      const use = { ...newUse(5), expiresAt: new Date(Date.now() - 60_000) };
      await expect(open().consume(use)).rejects.toMatchObject({
        code: "STORE_UNAVAILABLE",
        message: expect.stringContaining("clock"),
      });
    });
  });

  describe("rotation of the secret", () => {
    const [before, after] = [
      { id: "old", secret },
      { id: "new", secret: "tomorrow's secret, which has 32 bytes" },
    ];

    it("a use that an old server counted is no use at a new one, and the other way round", async () => {
      const [old, both] = [open([before]), open([after, before])];
      for (const [first, second] of [
        [old, both],
        [both, old],
      ] as const) {
        const use = newUse(2);
        expect(await first.consume(use)).toBe(1);
        expect(await second.consume(use)).toBe(0);
        expect(await first.consume(use)).toBe(false);
        expect(await second.consume(use)).toBe(false);
      }
    });

    it("uses stay counted when the old secret is taken away", async () => {
      const use = newUse(1);
      expect(await open([after, before]).consume(use)).toBe(0);
      expect(await open([after]).consume(use)).toBe(false);
    });

    it("a refusal under one key takes nothing under the other", async () => {
      const use = newUse(2);
      const [old, both] = [open([before]), open([after, before])];
      for (const left of [1, 0]) expect(await old.consume(use)).toBe(left);
      for (let i = 0; i < 5; i++) expect(await both.consume(use)).toBe(false);
      await both.release(use);
      expect(await both.consume(use)).toBe(0);
      expect(await both.consume(use)).toBe(false);
    });
  });

  describe("clean-up", () => {
    it("every counted use clears away up to three that have expired", async () => {
      await server.sql("delete from l402.uses");
      await server.sql(
        `insert into l402.uses select decode(lpad(to_hex(i), 64, '0'), 'hex'), 1, now() - interval '1 hour'
         from generate_series(1, 300) as i`,
      );
      const store = open();
      for (let i = 0; i < 100; i++) await store.consume(newUse(1));
      expect(await server.sql("select count(*)::int as rows from l402.uses")).toEqual([{ rows: 100 }]);
    });
  });
});
