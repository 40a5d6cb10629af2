import { randomBytes } from "node:crypto";
import type { UseStore } from "@l402/core";
import { Redis } from "ioredis";
import { beforeAll, expect, it, vi } from "vitest";
import { createRedisUseStore } from "../src/index.ts";
import { atEnd } from "./at-end.ts";
import { startLossyProxy } from "./lossy-proxy.ts";
import { describeWithRedis, type RedisServer, startRedis } from "./redis-server.ts";

const newUse = (limit: number) => ({
  key: randomBytes(32).toString("hex"),
  limit,
  expiresAt: new Date(Date.now() + 3_600_000),
});

describeWithRedis("a call that ioredis sends again because its answer was lost", () => {
  let server: RedisServer;
  let proxy: Awaited<ReturnType<typeof startLossyProxy>>;
  let store: UseStore;
  let peer: UseStore;
  beforeAll(async () => {
    server = await startRedis();
    proxy = await startLossyProxy(server.port);
    // As ioredis is by default.
    const redis = new Redis(proxy.port).on("error", () => {});
    atEnd(() => redis.disconnect());
    store = createRedisUseStore({ redis });
    peer = createRedisUseStore({ redis: server.connect() });
    await store.consume(newUse(1));
  });

  it.each([1, 3])("takes one use of %i, and is answered as before", async (limit) => {
    const use = newUse(limit);
    const before = proxy.lost;
    proxy.loseNextAnswer();
    expect(await store.consume(use)).toBe(limit - 1);
    expect(proxy.lost).toBe(before + 1);
    expect(await peer.consume(use)).toBe(limit > 1 && limit - 2);
  });

  it("takes one use of a pass that was used before, and is answered as before", async () => {
    const use = newUse(2);
    expect(await store.consume(use)).toBe(1);
    proxy.loseNextAnswer();
    expect(await store.consume(use)).toBe(0);
    expect(await peer.consume(use)).toBe(false);
  });

  it("takes one use each when it is for many", async () => {
    const many = (uses: ReturnType<typeof newUse>[]) => Promise.all(uses.map((use) => store.consume(use)));
    for (let round = 0; round < 5; round++) await many([newUse(1), newUse(1)]);
    const uses = Array.from({ length: 16 }, (_, i) => newUse(1 + (i % 2)));
    proxy.loseNextAnswer();
    expect(await many(uses)).toEqual(uses.map(({ limit }) => limit - 1));
    expect(await many(uses)).toEqual(uses.map(({ limit }) => limit > 1 && 0));
    expect(await many(uses)).toEqual(uses.map(() => false));
  });

  it("takes no more than there are when it is for several uses of one token", async () => {
    const many = (use: ReturnType<typeof newUse>, times: number) =>
      Promise.all(Array.from({ length: times }, () => store.consume(use)));
    for (let round = 0; round < 5; round++) await many(newUse(2), 2);
    for (const [limit, times] of [
      [1, 2],
      [3, 5],
      [16, 16],
    ] as const) {
      const use = newUse(limit);
      proxy.loseNextAnswer();
      const answers = [...(await many(use, times)), ...(await many(use, 16))];
      const granted = answers.filter((answer) => answer !== false).length;
      expect(granted).toBeGreaterThan(0);
      expect(granted).toBeLessThanOrEqual(limit);
      expect(await store.consume(use)).toBe(false);
    }
  });

  it("gives back one use, and no second one", async () => {
    const use = newUse(5);
    for (const left of [4, 3, 2]) expect(await store.consume(use)).toBe(left);
    const before = proxy.lost;
    proxy.loseNextAnswer();
    await store.release(use);
    expect(proxy.lost).toBe(before + 1);
    expect(await peer.consume(use)).toBe(2);
  });

  it("gives back one use, and no second one, where the store itself sends it again", async () => {
    const use = newUse(3);
    for (const left of [2, 1, 0]) expect(await peer.consume(use)).toBe(left);
    const redis = server.connect();
    let calls = 0;
    const losesTheFirst = createRedisUseStore({
      redis: async ([command = "", ...args]) => {
        const answer = await redis.call(command, ...args);
        if (calls++ === 0) throw new Error("The answer is lost.");
        return answer;
      },
    });
    await expect(losesTheFirst.release(use)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    await expect.poll(() => calls, { timeout: 20_000 }).toBe(2);
    for (const left of [0, false]) expect(await peer.consume(use)).toBe(left);
  });

  it("gives nothing back that another server took meanwhile", async () => {
    const use = newUse(1);
    const redis = server.connect();
    // Sends it again when the other one has taken the use that was given back.
    const again = createRedisUseStore({
      redis: async ([command = "", ...args]) => {
        const answer = await redis.call(command, ...args);
        if (args[1] !== "2" || !Number.isInteger(answer)) return answer;
        expect(await peer.consume(use)).toBe(0);
        return redis.call(command, ...args);
      },
    });
    expect(await again.consume(use)).toBe(0);
    await again.release(use);
    expect(await peer.consume(use)).toBe(false);
  });

  it("is refused when it comes so late that Redis has forgotten it", async () => {
    const use = newUse(1);
    expect(await store.consume(use)).toBe(0);
    const now = vi.spyOn(Date, "now").mockReturnValue(Date.now() - 10 * 60_000);
    await expect(store.release(use)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    // A minute between clocks is no reason.
    now.mockReturnValue(Date.now() + 9 * 60_000);
    await store.release(use);
    now.mockRestore();
    expect(await store.consume(use)).toBe(0);
  });
});
