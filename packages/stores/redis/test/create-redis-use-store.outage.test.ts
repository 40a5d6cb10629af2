import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import type { UseStore } from "@l402/core";
import type { Redis } from "ioredis";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createRedisUseStore } from "../src/index.ts";
import { RELEASE_USE, TAKE_USES } from "../src/use-scripts.ts";
import { describeWithRedis, startRedis, startRedisOnSmallDisk } from "./redis-server.ts";

const PASSWORD = "hunter2-s3cret";
const newUse = (limit = 1) => ({
  key: randomBytes(32).toString("hex"),
  limit,
  expiresAt: new Date(Date.now() + 3_600_000),
});
type TestUse = ReturnType<typeof newUse>;

const outcomeOf = async (store: UseStore, use: TestUse) => {
  try {
    return await store.consume(use);
  } catch (error) {
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(PASSWORD);
    expect(error).toMatchObject({ code: "STORE_UNAVAILABLE" });
    return (error as Error).message;
  }
};

describeWithRedis("Redis killed in mid-flight", () => {
  it.each([
    ["a client that gives up at once", { maxRetriesPerRequest: 0 }],
    ["a client that sends calls again", { maxRetriesPerRequest: 20 }],
    ["auto-pipelining", { maxRetriesPerRequest: 20, enableAutoPipelining: true }],
  ])("grants nothing twice, and knows the old uses when it is back: %s", async (_, options) => {
    const server = await startRedis("--appendonly", "yes", "--appendfsync", "always");
    const stores = Array.from({ length: 4 }, () => createRedisUseStore({ redis: server.connect(options) }));
    const granted = new Map<string, number>();
    const uses: TestUse[] = [];
    let refused = 0;
    const take = async (use: TestUse) => {
      const outcomes = await Promise.all(stores.map((store) => outcomeOf(store, use)));
      for (const outcome of outcomes) {
        if (typeof outcome === "number") granted.set(use.key, (granted.get(use.key) ?? 0) + 1);
        if (typeof outcome === "string") refused++;
      }
    };

    for (let round = 0; round < 4; round++) {
      let killed: Promise<void> | undefined;
      const flight: Promise<void>[] = [];
      for (let i = 0; i < 300; i++) {
        const use = newUse(1 + (i % 3));
        uses.push(use);
        flight.push(take(use));
        if (i % 10 === 9) await new Promise(setImmediate);
        if (i === 100 + 50 * round) killed = server.kill("SIGKILL");
      }
      await killed;
      await server.restart();
      await Promise.all(flight);
    }
    if (options.maxRetriesPerRequest === 0) expect(refused).toBeGreaterThan(0);

    // Some uses were taken without an answer, but none was granted that was not taken.
    for (let again = 0; again < 3; again++) await Promise.all(uses.map(take));
    const excess = uses.filter(({ key, limit }) => (granted.get(key) ?? 0) > limit);
    expect(excess).toEqual([]);
    for (const use of uses) expect(await stores[0]?.consume(use)).toBe(false);
  });
});

describeWithRedis("Redis that is down when a use is given back", () => {
  it("has it back soon after it is up again, and calls nobody's token used up until then", async () => {
    const server = await startRedis("--appendonly", "yes", "--appendfsync", "always");
    const store = createRedisUseStore({ redis: server.connect() });
    const use = newUse();
    expect(await store.consume(use)).toBe(0);
    await server.kill("SIGKILL");
    await expect(store.release(use)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    await server.restart();
    const seen = new Set<string | number | false>();
    await expect.poll(async () => seen.add(await outcomeOf(store, use)).has(0), { timeout: 20_000 }).toBe(true);
    expect([...seen]).toContain("Redis failed: a use is not given back yet.");
    expect(seen).not.toContain(false);
    expect(await store.consume(use)).toBe(false);
  });
});

describeWithRedis("Redis that refuses to write grants nothing, and says why:", () => {
  const cases: [reason: string, spoil: (redis: Redis) => Promise<unknown>][] = [
    ["READONLY", (redis) => redis.replicaof("127.0.0.1", 1)],
    ["OOM", (redis) => redis.config("SET", "maxmemory", "1")],
    ["NOAUTH", (redis) => redis.config("SET", "requirepass", PASSWORD)],
    ["NOPERM", (redis) => redis.call("ACL", "SETUSER", "default", "-evalsha")],
    ["NOPERM", (redis) => redis.call("ACL", "SETUSER", "default", "-hsetnx")],
    ["NOPERM", (redis) => redis.call("ACL", "SETUSER", "default", "resetkeys", "~other:*")],
    ["NOREPLICAS", (redis) => redis.config("SET", "min-replicas-to-write", 1)],
  ];

  it.each(cases)("%s", async (reason, spoil) => {
    const server = await startRedis();
    // Otherwise ioredis hangs up when it is refused, and only tells its "error" listeners why.
    const redis = server.connect({ enableReadyCheck: false, protocol: 2 });
    const store = createRedisUseStore({ redis });
    const [used, twice] = [newUse(), newUse(2)];
    expect(await store.consume(used)).toBe(0);
    expect(await store.consume(twice)).toBe(1);
    await spoil(server.connect());
    // A client that was connected before needs no password.
    if (reason === "NOAUTH") redis.disconnect(true);
    for (const use of [newUse(), newUse(2), used, twice]) {
      expect(await outcomeOf(store, use)).toContain(`(${reason})`);
    }
    const many = await Promise.all(Array.from({ length: 20 }, () => outcomeOf(store, newUse())));
    for (const outcome of many) expect(outcome).toContain(`(${reason})`);
  });

  it("MISCONF, when its disk is full", async () => {
    const server = await startRedisOnSmallDisk("--appendonly", "yes", "--appendfsync", "everysec");
    const store = createRedisUseStore({ redis: server.connect() });
    const use = newUse(2);
    expect(await store.consume(use)).toBe(1);
    const isFull = async () => String(await outcomeOf(store, newUse())).includes("(MISCONF)");
    await vi.waitUntil(isFull, { interval: 1, timeout: 10_000 });
    for (const each of [use, newUse()]) expect(await outcomeOf(store, each)).toContain("cannot write to its disk");
  });

  it("CLUSTERDOWN", async () => {
    const server = await startRedis("--cluster-enabled", "yes");
    expect(await outcomeOf(createRedisUseStore({ redis: server.connect() }), newUse())).toContain("(CLUSTERDOWN)");
  });

  it("BUSY", async () => {
    const server = await startRedis("--busy-reply-threshold", "20");
    const store = createRedisUseStore({ redis: server.connect() });
    const use = newUse();
    expect(await store.consume(use)).toBe(0);
    const endless = server.connect().eval("while true do end", 0);
    endless.catch(() => {});
    await expect.poll(() => outcomeOf(store, use)).toContain("(BUSY)");
    expect(await outcomeOf(store, newUse())).toContain("(BUSY)");
    await server.connect({ enableReadyCheck: false }).script("KILL");
    await expect.poll(() => outcomeOf(store, use)).toBe(false);
  });

  it("LOADING", async () => {
    const server = await startRedis("--appendonly", "yes", "--loading-process-events-interval-bytes", "1024");
    const store = createRedisUseStore({ redis: server.connect({ enableReadyCheck: false }) });
    const uses = Array.from({ length: 5000 }, () => newUse());
    await Promise.all(uses.map((use) => store.consume(use)));
    await server.kill("SIGKILL");
    // Slow enough to be seen: so many microseconds for each key.
    await server.restart("--key-load-delay", "400");
    const seen = new Set<string | number | false>();
    const isLoaded = async () => seen.add(await outcomeOf(store, uses[0] as TestUse)).has(false);
    await expect.poll(isLoaded, { timeout: 20_000 }).toBe(true);
    expect([...seen].join()).toContain("(LOADING)");
    expect(seen).not.toContain(0);
  });
});

describe("Redis that does not answer", () => {
  afterEach(() => void vi.useRealTimers());

  it("is waited for for ten seconds, and a use that is taken later is given back", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const calls: { command: string[]; answer(reply: unknown): void }[] = [];
    const redis = (command: string[]) => new Promise((answer) => void calls.push({ command, answer }));
    const store = createRedisUseStore({ redis });
    const use = newUse(3);
    const outcomes = [outcomeOf(store, use), outcomeOf(store, use), outcomeOf(store, newUse(1))];
    await vi.waitUntil(() => calls.filter(({ command }) => command[1] === TAKE_USES.sha).length === 3);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await Promise.all(outcomes)).toEqual(Array(3).fill("Redis failed: no answer in 10 s."));

    const taken = calls.filter(({ command }) => command[1] === TAKE_USES.sha);
    for (const [i, reply] of ["1", "junk", "0"].entries()) taken[i]?.answer(reply);
    await new Promise(setImmediate);
    const released = calls.filter(({ command }) => command[1] === RELEASE_USE.sha);
    expect(released.map(({ command }) => command.at(-1))).toEqual([use.key.slice(1, 15)]);
  });

  it.each([
    ["begins", false],
    ["ends", true],
  ])("about a use whose return %s while it is asked: it is not used up", async (_, isEarlier) => {
    const calls: { command: string[]; answer(reply: unknown): void }[] = [];
    const redis = (command: string[]) => new Promise((answer) => void calls.push({ command, answer }));
    const callOf = ({ sha }: { sha: string }) => vi.waitUntil(() => calls.find(({ command }) => command[1] === sha));
    const store = createRedisUseStore({ redis });
    const use = newUse();
    let released = isEarlier ? store.release(use) : undefined;
    const outcome = outcomeOf(store, use);
    const taking = await callOf(TAKE_USES);
    released ??= store.release(use);
    const giving = await callOf(RELEASE_USE);
    if (isEarlier) {
      giving.answer(1);
      await released;
    }
    taking.answer("0");
    expect(await outcome).toBe("Redis failed: a use is not given back yet.");
    giving.answer(1);
    await released;
  });
});
