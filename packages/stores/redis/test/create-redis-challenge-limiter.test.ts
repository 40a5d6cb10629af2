import { randomUUID } from "node:crypto";
import {
  type ChallengeLimiter,
  createMemoryChallengeLimiter,
  createMemoryUseStore,
  createPaywall,
  formatCredential,
  type Paywall,
} from "@l402/core";
import { describeChallengeLimiter, fakeLightning } from "@l402/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { createRedisChallengeLimiter, type RedisChallengeLimiterOptions } from "../src/index.ts";
import { describeWithRedis, type RedisServer, startRedis } from "./redis-server.ts";

describe("createRedisChallengeLimiter refuses", () => {
  const redis = async () => 0;
  it.each([
    ["no client", {}],
    ["zero", { redis, perMinute: 0 }],
    ["NaN", { redis, perClientPerMinute: Number.NaN }],
    ["a negative limit", { redis, perMinute: -1 }],
    ["a prefix that is no string", { redis, prefix: 1 }],
    ["an unknown option", { redis, clock: () => new Date() }],
  ])("%s", (_, options) => {
    expect(() => createRedisChallengeLimiter(options as never)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
  });
});

it.each([["OK"], [null], [-1], [0.5], [100_000], [[0]], [true]])("an odd answer %j allows nothing", async (answer) => {
  const limiter = createRedisChallengeLimiter({ redis: async () => answer });
  await expect(limiter.take("10.0.0.1")).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
});

it("allows nothing while Redis is down", async () => {
  const limiter = createRedisChallengeLimiter({ redis: () => Promise.reject(new Error("Connection is closed.")) });
  await expect(limiter.take(undefined)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  await expect(limiter.giveBack?.(undefined)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
});

describeWithRedis("createRedisChallengeLimiter, in a real Redis,", () => {
  let server: RedisServer;
  let isDown = false;
  beforeAll(async () => {
    server = await startRedis();
  });
  describeChallengeLimiter(
    { describe, it },
    {
      name: "createRedisChallengeLimiter",
      create(limits) {
        const redis = server.connect();
        return createRedisChallengeLimiter({
          redis: ([command = "", ...args]) =>
            isDown ? Promise.reject(new Error("Connection is closed.")) : redis.call(command, ...args),
          prefix: `${randomUUID()}:`,
          ...limits,
        });
      },
      breakBackend() {
        isDown = true;
        return () => {
          isDown = false;
        };
      },
    },
  );
});

describeWithRedis("createRedisChallengeLimiter", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  const create = (limits: Partial<RedisChallengeLimiterOptions>) =>
    createRedisChallengeLimiter({ redis: server.connect(), prefix: `${randomUUID()}:`, ...limits });
  const take = async (limiter: ChallengeLimiter, times: number, key?: string) => {
    const answers = await Promise.all(Array.from({ length: times }, () => limiter.take(key)));
    return answers.filter(({ allowed }) => allowed).length;
  };

  it("allows each client its number a minute for all servers together, and says when to come back", async () => {
    const prefix = `${randomUUID()}:`;
    const [limiter, peer] = [create({ prefix, perClientPerMinute: 7 }), create({ prefix, perClientPerMinute: 7 })];
    const allowed = await Promise.all([take(limiter, 20, "10.0.0.1"), take(peer, 20, "10.0.0.1")]);
    expect(allowed[0] + allowed[1]).toBe(7);
    expect(await take(limiter, 20, "10.0.0.2")).toBe(7);
    expect(await limiter.take("10.0.0.1")).toEqual({
      allowed: false,
      retryAfterSeconds: expect.toSatisfy((s) => s <= 9),
    });
  });

  it("allows a client sixty unless it is told otherwise", async () => {
    const allowed = await take(create({}), 80, "10.0.0.1");
    expect(allowed).toBeGreaterThanOrEqual(60);
    // One more for each second that this takes.
    expect(allowed).toBeLessThan(80);
  });

  it("lets a client back in as time passes", async () => {
    const limiter = create({ perClientPerMinute: 600 });
    expect(await take(limiter, 601, "10.0.0.1")).toBeGreaterThanOrEqual(600);
    await expect.poll(() => take(limiter, 1, "10.0.0.1"), { interval: 20 }).toBe(1);
  });

  it("limits all clients together, also those without a key", async () => {
    const limiter = create({ perMinute: 10 });
    expect(await take(limiter, 5)).toBe(5);
    let allowed = 0;
    for (let i = 0; i < 20; i++) allowed += await take(limiter, 1, `10.0.0.${i}`);
    expect(allowed).toBe(5);
  });

  it("does not charge all for what one client is refused", async () => {
    const limiter = create({ perMinute: 5, perClientPerMinute: 3 });
    expect(await take(limiter, 9, "10.0.0.1")).toBe(3);
    expect(await take(limiter, 9, "10.0.0.2")).toBe(2);
  });

  it("gets places back for invoices that were paid, of whichever server", async () => {
    const prefix = `${randomUUID()}:`;
    const [limiter, peer] = [create({ prefix, perClientPerMinute: 7 }), create({ prefix, perClientPerMinute: 7 })];
    expect(await take(limiter, 9, "10.0.0.1")).toBe(7);
    await Promise.all(Array.from({ length: 3 }, () => peer.giveBack?.("10.0.0.1")));
    expect(await take(limiter, 9, "10.0.0.1")).toBe(3);
  });

  it("serves who pays at once as often as he pays, at whichever server", async () => {
    const lightning = fakeLightning();
    const prefix = `${randomUUID()}:`;
    const useStore = createMemoryUseStore();
    const openServer = () =>
      createPaywall({
        provider: lightning.provider,
        secret: "a secret for tests, at least 32 bytes long",
        useStore,
        network: "regtest",
        challengeLimiter: create({ prefix, perClientPerMinute: 3 }),
        clientKey: () => "10.0.0.1",
      });
    const [here, there] = [openServer(), openServer()];
    const ask = (paywall: Paywall, authorization?: string) =>
      paywall.check({ method: "GET", path: "/", header: () => authorization }, { price: 1 });
    for (let i = 0; i < 10; i++) {
      const offer = await ask(here);
      if (offer.outcome !== "denied" || !offer.challenge) throw new Error(`${i} were sold`);
      const { token, invoice } = offer.challenge;
      const paid = await lightning.wallet.payInvoice({ bolt11: invoice, maxFeeMsat: 0 });
      if (paid.status !== "paid") throw new Error(paid.reason);
      const decision = await ask(there, formatCredential(token, paid.preimage));
      if (decision.outcome !== "granted") throw new Error(decision.outcome);
      await decision.finish(200);
    }
  });

  it("a place that is given back is no credit, and leaves nothing behind", async () => {
    const redis = server.connect();
    const limiter = create({ redis, prefix: "credit:", perMinute: 5, perClientPerMinute: 3 });
    await Promise.all(Array.from({ length: 50 }, () => limiter.giveBack?.("10.0.0.1")));
    await expect.poll(() => redis.keys("credit:*")).toEqual([]);
    expect(await take(limiter, 9, "10.0.0.1")).toBe(3);
    expect(await take(limiter, 9, "10.0.0.2")).toBe(2);
  });

  it("keeps nothing for longer than a minute or two", async () => {
    const redis = server.connect();
    const limiter = create({ redis, prefix: "brief:", perMinute: 1, perClientPerMinute: 1 });
    await limiter.take("10.0.0.1");
    const keys = await redis.keys("brief:*");
    expect(keys).toHaveLength(2);
    for (const key of keys) {
      const left = await redis.pttl(key);
      expect(left).toBeGreaterThan(50_000);
      expect(left).toBeLessThanOrEqual(120_000);
    }
  });

  it("heals by itself when Redis's clock was set back", async () => {
    const redis = server.connect();
    const limiter = create({ redis, prefix: "back:", perClientPerMinute: 60 });
    await redis.set("back:{challenges}:client:10.0.0.1", String(Date.now() + 3_600_000));
    expect(await limiter.take("10.0.0.1")).toEqual({ allowed: false, retryAfterSeconds: 1 });
  });

  it.each([
    ["a client's limit", { perClientPerMinute: 3 }, Array(8).fill("10.0.0.1")],
    ["the limit of all", { perMinute: 4 }, ["10.0.0.1", undefined, "b", "c", "d", undefined]],
    ["no limit", { perMinute: Number.POSITIVE_INFINITY, perClientPerMinute: 1e9 }, Array(9).fill("10.0.0.1")],
    [
      "IPv6 addresses",
      { perClientPerMinute: 2 },
      [
        ...["2001:db8:0:1::1", "2001:0db8:0000:0001:ffff:ffff:ffff:ffff", "2001:DB8:0:1:2:3::", "2001:db8:0:ff::1"],
        ...["2001:db8:0:100::1", "::1", "::ffff:10.0.0.1", "::ffff:10.0.0.1", "::ffff:10.0.0.1", "::ffff:10.0.0.2"],
      ],
    ],
    [
      "an IPv6 /48",
      { perClientPerMinute: 1 },
      [..."123456"].map((digit) => `2001:470:1234:${digit}00::1`).concat("2001:470:1235::1"),
    ],
    [
      "IPv4 addresses written as IPv6",
      { perClientPerMinute: 1 },
      [
        "64:ff9b::102:304",
        "64:ff9b::909:909",
        "64:ff9b::102:304",
        "::ffff:102:305",
        "::ffff:909:908",
        "::ffff:102:305",
      ],
    ],
    ["keys that are no addresses", { perClientPerMinute: 1 }, ["customer:alice", "customer:alicia", "key:abcd-1"]],
    ["very long keys", { perClientPerMinute: 1 }, [`${"a".repeat(256)}b`, `${"a".repeat(256)}c`]],
    [
      "invoices that were paid",
      { perClientPerMinute: 1, perMinute: 4 },
      ["paid a", "a", "a", "paid a", "a", "paid b", "b", "c", "d", "e", "paid undefined", "e", "e", "paid a", "a", "d"],
    ],
    [
      "paid invoices of an IPv6 /48",
      { perClientPerMinute: 1 },
      [...[..."123456"].map((digit) => `2001:470:1234:${digit}00::1`), "paid 2001:470:1234:1ff::9"].concat(
        ["2", "1", "6"].map((digit) => `2001:470:1234:${digit}00::1`),
      ),
    ],
    [
      "paid invoices without a limit",
      { perMinute: Number.POSITIVE_INFINITY, perClientPerMinute: 2 },
      ["a", "a", "paid a", "a", "a"],
    ],
  ])("decides about %s as the limiter in memory does", async (_, limits, clients: (string | undefined)[]) => {
    const now = new Date();
    const [redis, memory] = [create(limits), createMemoryChallengeLimiter({ ...limits, clock: () => now })];
    for (const client of clients) {
      const [, paid] = client?.split("paid ") ?? [];
      if (paid !== undefined) {
        for (const limiter of [redis, memory]) await limiter.giveBack?.(paid === "undefined" ? undefined : paid);
        continue;
      }
      const [answer, expected] = [await redis.take(client), await memory.take(client)];
      expect(answer.allowed).toBe(expected.allowed);
      if (answer.allowed || expected.allowed) continue;
      // Some time has passed for one of them.
      expect(Math.abs(answer.retryAfterSeconds - expected.retryAfterSeconds)).toBeLessThanOrEqual(1);
    }
  });
});
