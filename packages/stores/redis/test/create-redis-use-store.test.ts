import { createHash, randomBytes } from "node:crypto";
import { createPaywall, type Use } from "@l402/core";
import { fakeClock, fakeLightning, payChallenge } from "@l402/testing";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { TAKE_CHALLENGE } from "../src/challenge-script.ts";
import { READ_TEXT, WRITE_TEXT } from "../src/client-text-scripts.ts";
import { createRedisUseStore } from "../src/index.ts";
import { WRITE_PROBES } from "../src/one-server.ts";
import { RELEASE_USE, TAKE_USES } from "../src/use-scripts.ts";
import { describeWithRedis, type RedisServer, startRedis } from "./redis-server.ts";

const DAY = 86_400_000;
/** Where a use is counted: see use-places.ts. */
const placeOf = ({ key, expiresAt }: Use) =>
  [`l402:{${Math.ceil(expiresAt.getTime() / 10_000)}.${key[0]}}`, key.slice(1, 15)] as const;
const newUse = (limit: number, inMs = DAY): Use => ({
  key: randomBytes(32).toString("hex"),
  limit,
  expiresAt: new Date(Date.now() + inMs),
});

it.each(Object.entries({ TAKE_USES, RELEASE_USE, TAKE_CHALLENGE, WRITE_PROBES, READ_TEXT, WRITE_TEXT }))(
  "%s is known to Redis by its SHA-1",
  (_, { sha, source }) => expect(createHash("sha1").update(source).digest("hex")).toBe(sha),
);

describe("createRedisUseStore refuses", () => {
  it.each([
    ["no options", undefined],
    ["no client", {}],
    ["what is no client", { redis: { get: () => {} } }],
    ["an URL", { redis: "redis://127.0.0.1" }],
    ["a prefix that is no string", { redis: async () => {}, prefix: 1 }],
    ["an unknown option", { redis: async () => {}, keyPrefix: "a:" }],
  ])("%s", (_, options) => {
    expect(() => createRedisUseStore(options as never)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });
});

describe("an odd answer of Redis grants nothing:", () => {
  it.each([
    ["OK"],
    [null],
    [undefined],
    [[]],
    [[1]],
    [[null]],
    [["OK"]],
    [[true]],
    [["1e0"]],
    [[""]],
    [[[1]]],
    ["1e0"],
    ["+1"],
    [" 1"],
    ["1 "],
    ["1,1"],
    ["1,"],
    [",1"],
    ["6"],
    ["-1"],
    ["-2"],
    ["0x1"],
    [""],
    [6],
    [-2],
    [0.5],
    [Number.NaN],
    [true],
    [["1"]],
    [new String("1")],
    [{ 0: 1, length: 1 }],
  ])("%j", async (answer) => {
    const store = createRedisUseStore({ redis: async () => answer });
    await expect(store.consume(newUse(5))).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });

  it("while a number is understood, where a client makes one of a text", async () => {
    for (const answer of ["2", 2, 2n])
      expect(await createRedisUseStore({ redis: async () => answer }).consume(newUse(5))).toBe(3);
    for (const answer of ["0", 0, 0n])
      expect(await createRedisUseStore({ redis: async () => answer }).consume(newUse(5))).toBe(false);
  });

  it("nor does a release believe it", async () => {
    const store = createRedisUseStore({ redis: async () => "OK" });
    await expect(store.release(newUse(5))).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });

  it("a date that is none is refused", async () => {
    const store = createRedisUseStore({ redis: async () => [1] });
    await expect(store.consume({ ...newUse(5), expiresAt: "tomorrow" as never })).rejects.toThrow();
  });
});

describeWithRedis("createRedisUseStore with a real Redis", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });

  it("counts exactly, with uses of one token at once and together with others", async () => {
    const store = createRedisUseStore({ redis: server.connect() });
    const [one, ten, ...others] = [newUse(1), newUse(10), ...Array.from({ length: 300 }, () => newUse(1))];
    for (let round = 0; round < 3; round++) {
      const uses = [...others, ...Array.from({ length: 50 }, () => [one, ten]).flat()] as Use[];
      const answers = await Promise.all(uses.map((use) => store.consume(use)));
      const granted = (use: Use) => answers.filter((answer, i) => uses[i] === use && answer !== false).sort();
      expect(granted(one as Use)).toEqual(round === 0 ? [0] : []);
      expect(granted(ten as Use)).toEqual(round === 0 ? [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] : []);
      expect(answers.slice(0, 300)).toEqual(others.map(() => (round === 0 ? 0 : false)));
    }
  });

  it("keeps apart sub-tokens of one payment, and keys that are no payment hashes", async () => {
    const store = createRedisUseStore({ redis: server.connect() });
    const { expiresAt } = newUse(1);
    const key = `a${newUse(1).key.slice(1)}`;
    const [beginning, rest] = [key.slice(0, 15), "0".repeat(49)];
    const keys = [key, `${key}:0`, `${key}:1`, `${key}:0 1`, `${key}:0%201`, beginning, key.toUpperCase(), `${key}x`];
    keys.push(key.slice(1), key.slice(1, 15), `${key}${rest}`, `${beginning} ${key}`, "é", "%C3%A9", "a b");
    for (const expected of [0, false]) {
      for (const each of keys) expect(await store.consume({ key: each, limit: 1, expiresAt })).toBe(expected);
    }
  });

  it.each([
    ["where few are sold", 5_000, 40],
    ["where many are sold", 50_000, 85],
  ])("keeps a count in little memory %s", async (_, tokens, bytes) => {
    const redis = server.connect();
    const store = createRedisUseStore({ redis, prefix: `memory ${tokens}:` });
    const usedMemory = async () => Number(/used_memory:(\d+)/.exec(await redis.info("memory"))?.[1]);
    await store.consume(newUse(1));
    const before = await usedMemory();
    const expiresAt = new Date(Date.now() + DAY);
    for (let i = 0; i < tokens; i += 1000) {
      await Promise.all(Array.from({ length: 1000 }, () => store.consume({ ...newUse(1), expiresAt })));
    }
    expect(((await usedMemory()) - before) / tokens).toBeLessThanOrEqual(bytes);
  });

  it("knows odd instants and limits, also next to others", async () => {
    const store = createRedisUseStore({ redis: server.connect() });
    const past = [0, -1, 1.5, 999_999_999_999].map((time) => ({ ...newUse(3), expiresAt: new Date(time) }));
    const future = [8.64e15, 9_999_999_999_999].map((time) => ({ ...newUse(3), expiresAt: new Date(time) }));
    const large = newUse(Number.MAX_SAFE_INTEGER);
    for (let round = 0; round < 5; round++) {
      const consumed = [...past, ...future, large, newUse(1)].map(async (use) => store.consume(use));
      const answers = await Promise.all(consumed.map((left) => left.catch((error) => error.code)));
      const left = round < 3 && 2 - round;
      const refused = past.map(() => "STORE_UNAVAILABLE");
      expect(answers).toEqual([...refused, left, left, large.limit - 1 - round, 0]);
    }
  });

  it("counts a billion uses", async () => {
    const redis = server.connect();
    const store = createRedisUseStore({ redis });
    // A day of its own, because this bucket gets no expiry.
    const use = newUse(1_000_000_000, 7 * DAY);
    await redis.hset(...placeOf(use), `999999998${"0".repeat(13)}`);
    expect(await store.consume(use)).toBe(1);
    await store.release(use);
    for (const left of [1, 0, false]) expect(await store.consume(use)).toBe(left);
  });

  it("takes one round trip for a use, and one for 32 at once", async () => {
    const redis = server.connect();
    let calls = 0;
    const send = ([command = "", ...args]: string[]) => {
      calls++;
      return redis.call(command, ...args);
    };
    const store = createRedisUseStore({ redis: send });
    await store.consume(newUse(1));
    calls = 0;
    await store.consume(newUse(1));
    expect(calls).toBe(1);
    const many = () => Promise.all(Array.from({ length: 32 }, () => store.consume(newUse(3))));
    // Until it has found out that it is one server.
    const callsOfMany = async () => {
      calls = 0;
      await many();
      return calls;
    };
    await expect.poll(callsOfMany).toBe(1);
  });

  it("counts a token without a name, and its neighbours in the call, each for itself", async () => {
    const store = createRedisUseStore({ redis: server.connect() });
    const nameless = { ...newUse(2), key: "" };
    for (let round = 0; round < 5; round++) {
      const others = Array.from({ length: 9 }, () => newUse(1));
      const uses = [...others.slice(0, 4), nameless, ...others.slice(4)];
      const answers = await Promise.all(uses.map((use) => store.consume(use)));
      expect(answers.splice(4, 1)).toEqual([round < 2 ? 1 - round : false]);
      expect(answers).toEqual(others.map(() => 0));
      expect(await Promise.all(others.map((use) => store.consume(use)))).toEqual(others.map(() => false));
    }
  });

  it("survives that Redis forgets its scripts", async () => {
    const redis = server.connect();
    const store = createRedisUseStore({ redis });
    const use = newUse(2);
    expect(await store.consume(use)).toBe(1);
    await redis.script("FLUSH");
    expect(await store.consume(use)).toBe(0);
    await redis.script("FLUSH");
    await store.release(use);
    expect(await store.consume(use)).toBe(0);
    expect(await store.consume(use)).toBe(false);
  });

  it.each([60, 3650])("keeps a count for %i days, and ten seconds at most", async (days) => {
    const redis = server.connect();
    const store = createRedisUseStore({ redis });
    const use = newUse(3, days * DAY);
    const [bucket] = placeOf(use);
    const isKeptUntil = async () => {
      const excess = Number(await redis.call("PEXPIRETIME", bucket)) - use.expiresAt.getTime();
      expect(excess).toBeGreaterThanOrEqual(0);
      expect(excess).toBeLessThan(10_000);
    };
    for (const left of [2, 1, 0, false]) {
      expect(await store.consume(use)).toBe(left);
      await isKeptUntil();
    }
    await store.release(use);
    await isKeptUntil();
    // With its last count, the bucket goes, and comes back with its expiry.
    for (let i = 0; i < 2; i++) await store.release(use);
    expect(await redis.exists(bucket)).toBe(0);
    expect(await store.consume(use)).toBe(2);
    await isKeptUntil();
  });

  it("gives each bucket of a call its own expiry", async () => {
    const redis = server.connect();
    const store = createRedisUseStore({ redis });
    for (let round = 0; round < 10; round++) {
      const uses = Array.from({ length: 64 }, (_, i) => newUse(1, DAY + i * 1_000));
      await Promise.all(uses.map((use) => store.consume(use)));
      for (const use of uses) {
        const [bucket, field] = placeOf(use);
        expect(await redis.hexists(bucket, field)).toBe(1);
        const expiry = Math.ceil(use.expiresAt.getTime() / 10_000) * 10_000;
        expect(await redis.call("PEXPIRETIME", bucket)).toBe(expiry);
      }
    }
  });

  it("refuses what has expired by Redis's clock, and nothing else in the same call", async () => {
    const store = createRedisUseStore({ redis: server.connect() });
    for (let round = 0; round < 5; round++) {
      const uses = Array.from({ length: 64 }, (_, i) => newUse(1 + (i % 3), i % 2 ? DAY : -1));
      const answers = await Promise.all(uses.map(async (use) => store.consume(use)).map((left) => left.catch(String)));
      const ahead = expect.stringContaining("its clock is more than ten minutes ahead of this server's");
      expect(answers).toEqual(uses.map(({ limit }, i) => (i % 2 ? limit - 1 : ahead)));
    }
  });

  it("opens no replay where a clock is far off", async () => {
    const store = createRedisUseStore({ redis: server.connect() });
    const [valid, expired] = [newUse(1), newUse(1, -60_000)];
    expect(await store.consume(valid)).toBe(0);
    const now = vi.spyOn(Date, "now");
    for (const days of [-1000, -1, 1, 1000]) {
      now.mockReturnValue(valid.expiresAt.getTime() + days * DAY);
      expect(await store.consume(valid)).toBe(false);
      await expect(store.consume(expired)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    }
    now.mockRestore();
  });

  it("leaves nothing behind of a use that was given back but a mark that expires", async () => {
    const redis = server.connect();
    const store = createRedisUseStore({ redis, prefix: "once:" });
    const use = newUse(1);
    await store.consume(use);
    await store.release(use);
    const [mark, ...more] = await redis.keys("once:*");
    expect(more).toEqual([]);
    expect(await redis.pttl(mark as string)).toBeLessThanOrEqual(720_000);
  });

  it("keeps apart what has another prefix", async () => {
    const redis = server.connect();
    const use = newUse(1);
    for (const prefix of ["a:", "b:", ""]) expect(await createRedisUseStore({ redis, prefix }).consume(use)).toBe(0);
    expect(await createRedisUseStore({ redis, prefix: "a:" }).consume(use)).toBe(false);
  });

  it("refuses a token whose count is something else, and only that token", async () => {
    const redis = server.connect();
    const store = createRedisUseStore({ redis });
    const [text, list, ok] = [newUse(1, 8 * DAY), newUse(1, 9 * DAY), newUse(1, 10 * DAY)];
    await redis.hset(...placeOf(text), "yes");
    await redis.del(placeOf(list)[0]);
    await redis.lpush(placeOf(list)[0], "1");
    for (let i = 0; i < 3; i++) {
      const uses = [text, list, { ...ok, limit: 3 }];
      const answers = await Promise.allSettled(uses.map((use) => store.consume(use)));
      expect(answers.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
      await new Promise(setImmediate);
    }
    await expect(store.release(list)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });

  it("counts alike for servers whose clocks are a minute apart", async () => {
    const secret = "a secret of at least thirty-two bytes";
    const clock = fakeClock(new Date());
    const lightning = fakeLightning({ clock });
    const shops = [-60_000, 0, 60_000].map((skewMs) =>
      createPaywall({
        provider: lightning.provider,
        secret,
        network: "regtest",
        useStore: createRedisUseStore({ redis: server.connect() }),
        clock: () => new Date(clock().getTime() + skewMs),
      }).gate({ price: 10, validForSeconds: 600 }),
    );
    const visit = async (shop: (typeof shops)[number], authorization?: string) => {
      const header = (name: string) => (name === "authorization" ? (authorization ?? null) : null);
      const decision = await shop({ method: "GET", path: "/", header });
      return decision.outcome === "denied" ? decision : decision.outcome;
    };
    for (const seller of shops) {
      const offer = await visit(seller);
      if (typeof offer === "string") throw new Error("There is an offer.");
      const lines = offer.reply.headers.filter(([name]) => name === "WWW-Authenticate").map(([, value]) => value);
      const authorization = await payChallenge(lightning.wallet, lines);
      const granted = async () =>
        (await Promise.all([...shops, ...shops].map((shop) => visit(shop, authorization)))).filter(
          (outcome) => outcome === "granted",
        );
      expect(await granted()).toHaveLength(1);
      expect(await granted()).toHaveLength(0);
    }
  });
});
