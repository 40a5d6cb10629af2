import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { beforeAll, expect, it } from "vitest";
import { createRedisChallengeLimiter, createRedisClientStore, createRedisUseStore } from "../src/index.ts";
import { describeWithRedis, type RedisServer, startRedis } from "./redis-server.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
/** What the README lists: for the use store, in addition for the limiter and for a client store, and to connect. */
const [store, limiter, clientStore, connecting] = [
  ...(/\*\*Rights\*\*(.*?)\n- \*\*/s.exec(readme)?.[1] ?? "").matchAll(/`([^`]*)`/g),
].map(([, rights = ""]) => rights.split(/\s+/)) as [string[], string[], string[], string[]];

describeWithRedis("a Redis user with no rights but those of the README", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  const key = randomBytes(32).toString("hex");
  const newUse = (limit: number) => ({ key, limit, expiresAt: new Date(Date.now() + 3_600_000) });

  async function connectWith(rights: readonly string[]) {
    const username = randomBytes(8).toString("hex");
    await server.connect().call("ACL", "SETUSER", username, "on", ">word", ...rights, ...connecting);
    return server.connect({ username, password: "word" });
  }

  it("counts, gives back, and finds out that many may go at once", async () => {
    const uses = createRedisUseStore({ redis: await connectWith(store) });
    const use = newUse(2);
    for (let round = 0; round < 3; round++) {
      const others = Array.from({ length: 40 }, () => ({ ...newUse(1), key: randomBytes(32).toString("hex") }));
      expect(await Promise.all(others.map((each) => uses.consume(each)))).toEqual(others.map(() => 0));
    }
    expect(await uses.consume(use)).toBe(1);
    await uses.release(use);
    for (const left of [1, 0, false]) expect(await uses.consume(use)).toBe(left);
  });

  it("limits, and keeps a client's text", async () => {
    expect(
      await createRedisChallengeLimiter({ redis: await connectWith([...store, ...limiter]) }).take("a"),
    ).toMatchObject({ allowed: true });
    const text = createRedisClientStore({ redis: await connectWith([...store, ...clientStore]) });
    await text.update((before) => `${before ?? ""}x`);
    expect(await text.read()).toBe("x");
  });

  it.each([
    ["+hlen", 2],
    ["+pexpireat", 3],
  ])("without %s uses nothing up", async (right, days) => {
    // In a bucket that nobody has begun, so that it needs an expiry.
    const use = { ...newUse(1), expiresAt: new Date(Date.now() + days * 86_400_000) };
    const without = createRedisUseStore({ redis: await connectWith(store.filter((each) => each !== right)) });
    for (let i = 0; i < 2; i++) await expect(without.consume(use)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(await createRedisUseStore({ redis: await connectWith(store) }).consume(use)).toBe(0);
  });
});
