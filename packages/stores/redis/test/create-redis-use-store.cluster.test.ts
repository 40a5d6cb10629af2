import { randomBytes } from "node:crypto";
import type { UseStore } from "@l402/core";
import { describeUseStore } from "@l402/testing";
import { createCluster } from "@redis/client";
import { beforeAll, describe, expect, it } from "vitest";
import { createRedisChallengeLimiter, createRedisClientStore, createRedisUseStore } from "../src/index.ts";
import { atEnd } from "./at-end.ts";
import { startCluster } from "./redis-cluster.ts";
import { describeWithRedis } from "./redis-server.ts";

type TestCluster = Awaited<ReturnType<typeof startCluster>>;

const newUse = (limit: number, laterMs = 0) => ({
  key: randomBytes(32).toString("hex"),
  limit,
  expiresAt: new Date(Date.now() + 3_600_000 + laterMs),
});
const outcomeOf = async (store: UseStore, use: ReturnType<typeof newUse>) => {
  try {
    return await store.consume(use);
  } catch (error) {
    return (error as { code: string }).code;
  }
};

/** Starts while the first one is tested: a cluster takes its time. */
let replicated: Promise<TestCluster>;

describeWithRedis("a Redis Cluster of three nodes", () => {
  let cluster: TestCluster;
  let store: UseStore;
  beforeAll(async () => {
    replicated = startCluster({ replicas: 1 });
    replicated.catch(() => {});
    cluster = await startCluster();
    store = createRedisUseStore({ redis: await cluster.connect() });
  }, 60_000);

  it("is used as a whole: every node has some of the keys", async () => {
    for (let round = 0; round < 10; round++) {
      const uses = Array.from({ length: 60 }, (_, i) => newUse(1, round * 600_000 + i * 10_000));
      for (const expected of [0, false]) {
        expect(await Promise.all(uses.map((use) => store.consume(use)))).toEqual(uses.map(() => expected));
      }
    }
    for (const node of cluster.nodes) expect(await node.connect().dbsize()).toBeGreaterThan(100);
  });

  it("works with node-redis, and with the limiter", async () => {
    const redis = createCluster({ rootNodes: cluster.nodes.map(({ url }) => ({ url })) });
    redis.on("error", () => {});
    await redis.connect();
    atEnd(() => redis.destroy());
    const peer = createRedisUseStore({ redis });
    const uses = Array.from({ length: 60 }, (_, i) => newUse(1 + (i % 2)));
    expect(await Promise.all(uses.map((use) => peer.consume(use)))).toEqual(uses.map(({ limit }) => limit - 1));
    await Promise.all(uses.map((use) => peer.release(use)));
    expect(await Promise.all(uses.map((use) => store.consume(use)))).toEqual(uses.map(({ limit }) => limit - 1));
    expect(await Promise.all(uses.map((use) => peer.consume(use)))).toEqual(uses.map(({ limit }) => limit > 1 && 0));

    for (const client of [redis, await cluster.connect()]) {
      const limiter = createRedisChallengeLimiter({
        redis: client,
        perClientPerMinute: 2,
        prefix: randomBytes(8).toString("hex"),
      });
      for (const allowed of [true, true, false]) expect(await limiter.take("10.0.0.1")).toMatchObject({ allowed });
    }
  });

  it("keeps what clients bought and spent", async () => {
    const prefix = randomBytes(8).toString("hex");
    const stores = [await cluster.connect(), await cluster.connect()].map((redis) =>
      createRedisClientStore({ redis, prefix }),
    );
    await Promise.all(Array.from({ length: 20 }, (_, i) => stores[i % 2]?.update((text = "") => `${text}x`)));
    for (const each of stores) expect(await each.read()).toBe("x".repeat(20));
  });

  it("is not for a client that knows one node only, which is told so", async () => {
    const lost = createRedisUseStore({ redis: cluster.nodes[0]?.connect() as never });
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => lost.consume(newUse(1))));
    const reasons = outcomes.map((outcome) => (outcome.status === "rejected" ? outcome.reason.message : outcome.value));
    expect(new Set(reasons)).toEqual(
      new Set([
        0,
        "Redis failed: the key is on another node of the cluster, and this client is not made for clusters (MOVED).",
      ]),
    );
  });

  describeUseStore(
    { describe, it },
    {
      name: "a cluster",
      create: () => store,
      createPeer: async () => createRedisUseStore({ redis: await cluster.connect() }),
      async breakBackend() {
        await Promise.all(cluster.nodes.map((node) => node.kill("SIGKILL")));
        return async () => {
          await Promise.all(cluster.nodes.map((node) => node.restart()));
          await cluster.untilOk();
          const keys = Array.from({ length: 30 }, () => newUse(1));
          const areBack = async () =>
            (await Promise.all(keys.map((use) => outcomeOf(store, use)))).every((left) => left === false);
          await expect.poll(areBack, { timeout: 15_000 }).toBe(true);
        };
      },
      time: "real",
    },
  );
});

describeWithRedis("a Redis Cluster whose node dies", () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await replicated;
  }, 60_000);

  it("grants nothing twice, neither while it fails over nor afterwards, and then goes on", async () => {
    const store = createRedisUseStore({ redis: await cluster.connect() });
    const used = Array.from({ length: 60 }, () => newUse(1));
    const fresh = Array.from({ length: 60 }, () => newUse(1));
    expect(await Promise.all(used.map((use) => store.consume(use)))).toEqual(used.map(() => 0));
    await cluster.untilReplicated();

    const [master] = await cluster.masters();
    await master?.kill("SIGKILL");

    let refused = 0;
    const granted = new Map<string, number>();
    for (let isBack = false; !isBack; ) {
      const again = await Promise.all(used.map((use) => outcomeOf(store, use)));
      for (const outcome of again) expect([false, "STORE_UNAVAILABLE"]).toContain(outcome);
      const first = await Promise.all(fresh.map((use) => outcomeOf(store, use)));
      first.forEach((outcome, i) => {
        if (outcome === 0) granted.set(fresh[i]?.key as string, (granted.get(fresh[i]?.key as string) ?? 0) + 1);
      });
      refused += [...again, ...first].filter((outcome) => outcome === "STORE_UNAVAILABLE").length;
      isBack = ![...again, ...first].includes("STORE_UNAVAILABLE");
    }
    expect(refused).toBeGreaterThan(0);
    // Each once: also those whose call was lost with the node, since it was never executed.
    expect(Math.max(...granted.values())).toBe(1);
    expect(granted.size).toBeGreaterThan(20);
    expect(await Promise.all(used.map((use) => store.consume(use)))).toEqual(used.map(() => false));
    const later = Array.from({ length: 60 }, () => newUse(1));
    expect(await Promise.all(later.map((use) => store.consume(use)))).toEqual(later.map(() => 0));
  }, 60_000);
});
