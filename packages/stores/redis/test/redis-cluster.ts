import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Cluster } from "ioredis";
import { vi } from "vitest";
import { atEnd } from "./at-end.ts";
import { type RedisServer, startRedis } from "./redis-server.ts";

/** Starts a cluster of three masters, with or without a replica for each. */
export async function startCluster({ replicas = 0 } = {}) {
  const settings = ["--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--appendonly", "yes"];
  const nodes = await Promise.all(
    Array.from({ length: 3 * (1 + replicas) }, () => startRedis(...settings, "--cluster-replica-validity-factor", "0")),
  );
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  const args = ["--cluster", "create", ...addresses, "--cluster-replicas", String(replicas), "--cluster-yes"];
  await promisify(execFile)("redis-cli", args);

  const clients = nodes.map((node) => node.connect());
  const info = (part: string) => Promise.all(clients.map((client) => client.info(part).catch(() => "")));
  const cluster = {
    nodes,
    /** A client of its own, which gives up at once. Closed after the tests of the file. */
    async connect(): Promise<Cluster> {
      const addresses = nodes.map(({ port }) => ({ host: "127.0.0.1", port }));
      const client = new Cluster(addresses, {
        clusterRetryStrategy: () => 100,
        slotsRefreshTimeout: 1000,
        enableOfflineQueue: false,
        lazyConnect: true,
        redisOptions: { maxRetriesPerRequest: 1, connectTimeout: 1000 },
      });
      client.on("error", () => {});
      atEnd(() => client.disconnect());
      await client.connect();
      return client;
    },
    async untilOk(): Promise<void> {
      const states = () => Promise.all(clients.map((client) => client.cluster("INFO").catch(() => "down")));
      const isOk = async () => (await states()).every((state) => state.includes("cluster_state:ok"));
      await vi.waitUntil(isOk, { timeout: 20_000 });
      const linked = async () =>
        (await info("replication")).filter((text) => /master_link_status:up/.test(text)).length;
      await vi.waitUntil(async () => (await linked()) === 3 * replicas, { timeout: 20_000 });
    },
    /** Until all that was written is on the replicas too. */
    async untilReplicated(): Promise<void> {
      for (const client of clients) {
        if ((await client.role())[0] !== "master") continue;
        // Of the last write of its own connection.
        await client.eval("return redis.call('PUBLISH', 'l402', '1')", 0);
        await vi.waitUntil(async () => (await client.wait(replicas, 1000)) === replicas, { timeout: 20_000 });
      }
    },
    masters: async (): Promise<RedisServer[]> => {
      const roles = await Promise.all(clients.map((client) => client.role().catch(() => [])));
      return nodes.filter((_, i) => roles[i]?.[0] === "master");
    },
  };
  await cluster.untilOk();
  return cluster;
}
