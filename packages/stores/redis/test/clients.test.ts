import { randomBytes } from "node:crypto";
import type { UseStore } from "@l402/core";
import { describeUseStore } from "@l402/testing";
import { createClient, createClientPool } from "@redis/client";
import { Redis as UpstashRedis } from "@upstash/redis";
import { Redis as Redis5 } from "ioredis-5";
import { Redis as Valkey } from "iovalkey";
import { createClient as createClient4 } from "node-redis-4";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { createRedisChallengeLimiter, createRedisUseStore, type RedisClient } from "../src/index.ts";
import { atEnd } from "./at-end.ts";
import { describeWithRedis, type RedisServer, startRedis } from "./redis-server.ts";
import { startUpstash } from "./upstash-server.ts";

type Connect = (server: RedisServer) => RedisClient | Promise<RedisClient>;

const nodeRedis: Connect = async ({ url }) => {
  const redis = createClient({ url, socket: { reconnectStrategy: 20 }, disableOfflineQueue: true });
  redis.on("error", () => {});
  atEnd(() => redis.destroy());
  return redis.connect();
};

const upstash: Connect = async (server) => {
  const url = await startUpstash(server.connect(), "token");
  return new UpstashRedis({ url, token: "token", retry: { retries: 1 }, enableTelemetry: false });
};

const newUse = (limit: number) => ({
  key: randomBytes(32).toString("hex"),
  limit,
  expiresAt: new Date(Date.now() + 3_600_000),
});

const kits: [string, Connect][] = [
  ["ioredis", (server) => server.connect()],
  ["node-redis", nodeRedis],
  ["Upstash", upstash],
];

// Each case has a server of its own, so that all can wait for expiries at the same time.
describeWithRedis.each(kits)("createRedisUseStore with %s", { concurrent: true }, (name, connect) => {
  const servers = new Map<UseStore, RedisServer>();
  const serverOf = (store: UseStore) => servers.get(store) as RedisServer;

  describeUseStore(
    { describe, it },
    {
      name,
      async create() {
        const server = await startRedis("--appendonly", "yes", "--appendfsync", "always");
        const store = createRedisUseStore({ redis: await connect(server) });
        servers.set(store, server);
        return store;
      },
      createPeer: (store) => createRedisUseStore({ redis: serverOf(store).connect() }),
      async breakBackend(store) {
        await serverOf(store).kill("SIGKILL");
        return async () => {
          await serverOf(store).restart();
          const isBack = async () => (await store.consume(newUse(1))) === 0;
          await vi.waitUntil(() => isBack().catch(() => false), { timeout: 10_000 });
        };
      },
      time: "real",
    },
  );
});

const others: [string, Connect][] = [
  ["ioredis with auto-pipelining", (server) => server.connect({ enableAutoPipelining: true })],
  ["ioredis with a key prefix", (server) => server.connect({ keyPrefix: "app:" })],
  ["ioredis with numbers as strings", (server) => server.connect({ stringNumbers: true })],
  [
    "ioredis 5",
    (server) => {
      const redis = new Redis5(server.port);
      atEnd(() => redis.disconnect());
      return redis;
    },
  ],
  [
    "iovalkey",
    (server) => {
      const valkey = new Valkey(server.port);
      atEnd(() => valkey.disconnect());
      return valkey;
    },
  ],
  [
    "node-redis 4",
    async ({ url }) => {
      const redis = createClient4({ url });
      atEnd(() => redis.disconnect());
      return redis.connect();
    },
  ],
  [
    "a pool of node-redis",
    async ({ url }) => {
      const pool = createClientPool({ url }, { minimum: 2 });
      atEnd(() => pool?.destroy());
      await pool?.connect();
      return pool as NonNullable<typeof pool>;
    },
  ],
  [
    "a function",
    (server) => {
      const redis = server.connect();
      return ([command = "", ...args]) => redis.call(command, ...args);
    },
  ],
];

describeWithRedis("@l402/redis works with", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });

  it.each([...kits, ...others])("%s", async (_, connect) => {
    const redis = await connect(server);
    const [store, peer] = [createRedisUseStore({ redis }), createRedisUseStore({ redis })];
    const use = newUse(5);
    for (let round = 0; round < 3; round++) {
      const uses = [...Array.from({ length: 20 }, () => newUse(1)), ...Array.from({ length: 20 }, () => use)];
      const answers = await Promise.all(uses.map((each, i) => (i % 2 ? store : peer).consume(each)));
      expect(answers.slice(0, 20)).toEqual(Array(20).fill(0));
      const granted = answers.slice(20).filter((answer) => answer !== false);
      expect(granted.sort()).toEqual(round === 0 ? [0, 1, 2, 3, 4] : [0]);
      await store.release(use);
    }
    const limiter = createRedisChallengeLimiter({ redis, perClientPerMinute: 2, prefix: `${use.key}:` });
    for (const allowed of [true, true, false]) expect(await limiter.take("10.0.0.1")).toMatchObject({ allowed });
  });

  it("a client's key prefix, which two stores share", async () => {
    const use = newUse(1);
    const [plain, prefixed] = [server.connect(), server.connect({ keyPrefix: "app:" })];
    expect(await createRedisUseStore({ redis: prefixed }).consume(use)).toBe(0);
    expect(await createRedisUseStore({ redis: plain, prefix: "app:l402:" }).consume(use)).toBe(false);
    expect(await createRedisUseStore({ redis: plain }).consume(use)).toBe(0);
  });
});
