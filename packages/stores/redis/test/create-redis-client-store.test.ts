import { randomUUID } from "node:crypto";
import type { ClientStore } from "@l402/core";
import { describeClientStore } from "@l402/testing";
import { createClient } from "@redis/client";
import { Redis as UpstashRedis } from "@upstash/redis";
import { Redis } from "ioredis";
import { beforeAll, describe, expect, it } from "vitest";
import { createRedisClientStore, type RedisClient } from "../src/index.ts";
import { atEnd } from "./at-end.ts";
import { startLossyProxy } from "./lossy-proxy.ts";
import { describeWithRedis, type RedisServer, startRedis } from "./redis-server.ts";
import { startUpstash } from "./upstash-server.ts";

const append = (store: ClientStore, word: string) => store.update((text = "") => text + word);

describe("createRedisClientStore refuses", () => {
  it.each([
    ["no client", {}],
    ["a prefix that is no string", { redis: async () => {}, prefix: 1 }],
    ["an unknown option", { redis: async () => {}, path: "a" }],
  ])("%s", (_, options) => {
    expect(() => createRedisClientStore(options as never)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });

  it.each([[undefined], [0], [2], ["OK"], [{}], [[]], [""], ["{}"], [`1.${randomUUID()}`], [`x.${randomUUID()}:{}`]])(
    "the odd answer %j: nothing is known, and nothing is written",
    async (answer) => {
      const store = createRedisClientStore({ redis: async () => answer });
      await expect(store.read()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
      await expect(append(store, "a")).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    },
  );
});

it("calls a change again while others are quicker, with what they wrote", async () => {
  let changes = 0;
  const store = createRedisClientStore({ redis: async () => `${++changes}.${randomUUID()}:${changes}` });
  const seen: string[] = [];
  const change = (text = "") => {
    if (seen.push(text) === 20) throw new Error("enough");
    return `${text}mine`;
  };
  await expect(store.update(change)).rejects.toThrow("enough");
  expect(seen).toEqual(Array.from({ length: 20 }, (_, i) => String(i + 1)));
});

describeWithRedis("createRedisClientStore", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis("--appendonly", "yes", "--appendfsync", "always");
  });

  const clients: [name: string, connect: () => RedisClient | Promise<RedisClient>][] = [
    ["ioredis", () => server.connect()],
    [
      "node-redis",
      () => {
        const redis = createClient({ url: server.url, disableOfflineQueue: true });
        redis.on("error", () => {});
        atEnd(() => redis.destroy());
        return redis.connect();
      },
    ],
    [
      "Upstash",
      async () => {
        const url = await startUpstash(server.connect(), "token");
        return new UpstashRedis({ url, token: "token", retry: { retries: 1 }, enableTelemetry: false });
      },
    ],
  ];
  describe.each(clients)("with %s", (name, connect) => {
    let redis: RedisClient;
    const prefixes = new Map<ClientStore, string>();
    beforeAll(async () => {
      redis = await connect();
    });

    describeClientStore(
      { describe, it },
      {
        name,
        create() {
          const prefix = `${randomUUID()}:`;
          const store = createRedisClientStore({ redis, prefix });
          prefixes.set(store, prefix);
          return store;
        },
        createPeer: (store) =>
          createRedisClientStore({ redis: server.connect(), prefix: prefixes.get(store) as string }),
        async breakBackend() {
          await server.kill("SIGKILL");
          return async () => {
            await server.restart();
            const store = createRedisClientStore({ redis, prefix: `${randomUUID()}:` });
            const isBack = () => append(store, "a").then(() => "back");
            await expect.poll(() => isBack().catch(() => "down"), { timeout: 10_000 }).toBe("back");
          };
        },
      },
    );
  });

  it("keeps its text for ever, under one key", async () => {
    const redis = server.connect();
    await append(createRedisClientStore({ redis, prefix: "one:" }), "a");
    expect(await redis.pttl("one:{client}")).toBe(-1);
    for (const key of await redis.keys("one:{client}:*")) expect(await redis.pttl(key)).toBeLessThanOrEqual(60_000);
  });

  it("changes the text once when an answer was lost and ioredis sends the call again", async () => {
    const proxy = await startLossyProxy(server.port);
    const redis = new Redis(proxy.port).on("error", () => {});
    atEnd(() => redis.disconnect());
    const options = { prefix: `${randomUUID()}:` };
    const peer = createRedisClientStore({ ...options, redis: server.connect() });
    let written = 0;
    const store = createRedisClientStore({
      ...options,
      redis: async ([command = "", ...args]) => {
        const isWrite = args[1] === "2";
        if (isWrite && ++written === 2) proxy.loseNextAnswer();
        const answer = await redis.call(command, ...args);
        // Somebody else writes between the first sending and the second one as well.
        if (isWrite && written === 3) await append(peer, "x");
        return isWrite && written === 3 ? redis.call(command, ...args) : answer;
      },
    });
    for (const word of ["a", "b", "c", "d"]) await append(store, word);
    expect(proxy.lost).toBe(1);
    expect(await peer.read()).toBe("abcxd");
  });

  it("makes changes that come together in few calls", async () => {
    const redis = server.connect();
    let calls = 0;
    const store = createRedisClientStore({
      prefix: `${randomUUID()}:`,
      redis: ([command = "", ...args]) => {
        calls++;
        return redis.call(command, ...args);
      },
    });
    await append(store, "a");
    calls = 0;
    await Promise.all(Array.from({ length: 100 }, () => append(store, "b")));
    // At most the first one alone, and then the rest.
    expect(calls).toBeLessThanOrEqual(4);
    calls = 0;
    expect(await store.read()).toBe(`a${"b".repeat(100)}`);
    expect(calls).toBe(1);
  });

  it("refuses to begin anew when Redis has forgotten everything", async () => {
    const own = await startRedis();
    const store = createRedisClientStore({ redis: own.connect() });
    await append(store, "spent");
    await own.connect().flushall();
    await expect(store.read()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE", message: /forgotten/ });
    await expect(append(store, "more")).rejects.toThrow("Redis has lost");
    expect(await own.connect().dbsize()).toBe(0);
  });

  it("refuses to go on when Redis has forgotten the last changes, as after a failover", async () => {
    const own = await startRedis();
    const redis = own.connect();
    const store = createRedisClientStore({ redis });
    for (const word of ["a", "b"]) await append(store, word);
    const old = String(await redis.get("l402:{client}"));
    await append(store, "c");
    await redis.set("l402:{client}", old);
    await expect(store.read()).rejects.toThrow("Redis has lost");
    // Nor when another one has gone on from there.
    await append(createRedisClientStore({ redis: own.connect() }), "d");
    await expect(append(store, "e")).rejects.toThrow("Redis has lost");
    expect(await createRedisClientStore({ redis }).read()).toBe("abd");
  });

  it.each([
    ["READONLY", (redis: Redis) => redis.replicaof("127.0.0.1", 1)],
    ["OOM", (redis: Redis) => redis.config("SET", "maxmemory", "1")],
  ])("writes nothing where Redis does not: %s", async (reason, spoil) => {
    const own = await startRedis();
    const store = createRedisClientStore({ redis: own.connect() });
    await append(store, "a");
    await spoil(own.connect());
    await expect(append(store, "b")).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: expect.stringContaining(`(${reason})`),
    });
    expect(await store.read()).toBe("a");
  });

  it("touches nothing else that is under its key", async () => {
    const redis = server.connect();
    await redis.lpush("list:{client}", "a");
    await redis.set("text:{client}", "somebody's");
    for (const prefix of ["list:", "text:"]) {
      await expect(append(createRedisClientStore({ redis, prefix }), "b")).rejects.toMatchObject({
        code: "STORE_UNAVAILABLE",
      });
    }
    expect(await redis.get("text:{client}")).toBe("somebody's");
  });
});
