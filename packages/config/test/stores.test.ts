import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { Redis } from "ioredis";
import { afterAll, describe, expect, it } from "vitest";
import { challengeLimiterFrom, paymentLogFrom, useStoreFrom } from "../src/index.ts";

const SECRET = "a secret for tests, at least 32 bytes long";
const use = { key: "ab".repeat(32), limit: 1, expiresAt: new Date(Date.now() + 60_000) };
const payment = { paymentHash: "cd".repeat(32), resource: "GET /", amountMsat: 1000, paidAt: new Date() };
const ends: (() => unknown)[] = [];
afterAll(async () => {
  for (const end of ends) await end();
});

describe("which store", () => {
  it("is memory only where that is said", async () => {
    const told: string[] = [];
    const store = await useStoreFrom({ L402_STORE: "memory" }, { tell: (sentence) => void told.push(sentence) });
    expect(await store.consume(use)).not.toBe(false);
    expect(await store.consume(use)).toBe(false);
    expect(told.join()).toContain("It works for a single server process.");
    await expect(useStoreFrom({})).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      hint: "Set L402_STORE=memory (for a single server process), or REDIS_URL, or SUPABASE_URL and SUPABASE_PUBLISHABLE_KEY.",
    });
  });

  it("is not guessed between two", async () => {
    const env = { REDIS_URL: "redis://127.0.0.1:1", SUPABASE_URL: "https://x.supabase.co" };
    await expect(useStoreFrom(env)).rejects.toMatchObject({
      message: "REDIS_URL and SUPABASE_URL are both set, so the store for token uses is ambiguous.",
      hint: "Set L402_STORE=redis or L402_STORE=supabase.",
    });
  });

  it("is one that there is", async () => {
    await expect(useStoreFrom({ L402_STORE: "rediss" })).rejects.toMatchObject({
      hint: "Did you mean L402_STORE=redis?",
    });
    await expect(useStoreFrom({ L402_STORE: "mysql" })).rejects.toMatchObject({
      hint: "Set L402_STORE to memory, redis or supabase. Put the address of the store into REDIS_URL or SUPABASE_URL.",
    });
  });
});

const hasRedis = !spawnSync("redis-server", ["--version"], { stdio: "ignore" }).error;
if (!hasRedis) console.warn("Skipped: redis-server is not installed here.");

describe.skipIf(!hasRedis)("REDIS_URL alone", () => {
  it("counts uses, for two servers together, and limits their invoices", async () => {
    const env = { REDIS_URL: await startRedis() };
    const [one, other] = [await useStoreFrom(env), await useStoreFrom(env)];
    const limiter = await challengeLimiterFrom(env);
    expect(await one.consume(use)).not.toBe(false);
    expect(await other.consume(use)).toBe(false);
    expect(await limiter?.take("127.0.0.1")).toEqual({ allowed: true });
    await Promise.all([one.close(), other.close(), limiter?.close()]);
  });

  it("leads to the new primary after a failover, while the old one goes on as its replica", async () => {
    const [old, next] = [new URL(await startRedis()), new URL(await startRedis())];
    let primary = old;
    const name = createTcpServer((socket) => {
      const server = connect(Number(primary.port), "127.0.0.1");
      for (const each of [socket, server]) each.on("error", () => {});
      socket.pipe(server).pipe(socket);
    }).listen(0, "127.0.0.1");
    await once(name, "listening");
    ends.push(() => name.close());
    const env = { REDIS_URL: `redis://127.0.0.1:${(name.address() as AddressInfo).port}` };
    const [store, limiter] = [await useStoreFrom(env), await challengeLimiterFrom(env)];
    const ask = () => Promise.all([store.consume({ ...use, limit: 1000 }), limiter?.take("127.0.0.1")]);
    await ask();
    primary = next;
    const operator = new Redis(old.href);
    await operator.replicaof("127.0.0.1", Number(next.port));
    operator.disconnect();
    await expect(ask()).rejects.toThrow("READONLY");
    await expect.poll(() => ask().catch(() => []), { timeout: 5_000 }).toHaveLength(2);
    await Promise.all([store.close(), limiter?.close()]);
  });

  it("fails a request and not the process while Redis is away, and prints nothing", async () => {
    const printed: unknown[] = [];
    const { error } = console;
    console.error = (...args) => void printed.push(args);
    const store = await useStoreFrom({ REDIS_URL: "redis://:s3cr3t@127.0.0.1:1" });
    await expect(store.consume(use)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    await store.close();
    console.error = error;
    expect(printed).toEqual([]);
  });
});

describe("REDIS_URL", () => {
  it("has to be one", async () => {
    await expect(useStoreFrom({ REDIS_URL: "localhost:6379" })).rejects.toMatchObject({
      message: "REDIS_URL is not a Redis URL.",
      hint: "Set REDIS_URL to the address of Redis, such as redis://localhost:6379.",
    });
    await expect(useStoreFrom({ L402_STORE: "redis" })).rejects.toMatchObject({
      message: "redis needs REDIS_URL, which is not set.",
    });
  });
});

describe("SUPABASE_URL with a key", () => {
  it("asks that project with that key, for uses and payments", async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers.apikey}`);
      response.writeHead(200, { "content-type": "application/json" }).end("0");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    ends.push(() => server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const env = { SUPABASE_URL: url, SUPABASE_ANON_KEY: "anon", L402_SECRET: SECRET };

    const store = await useStoreFrom(env);
    expect(await store.consume(use)).toBe(0);
    const log = await paymentLogFrom(env);
    await log?.record({ ...payment, paymentHash: use.key });
    await log?.flush();
    const older = { ...env, SUPABASE_SERVICE_ROLE_KEY: "service" };
    const newer = { ...env, SUPABASE_PUBLISHABLE_KEY: "sb_publishable_x" };
    for (const each of [older, newer, { ...older, ...newer, SUPABASE_SECRET_KEY: "sb_secret_x" }])
      await (await useStoreFrom(each)).consume(use);
    expect(asked).toEqual([
      "/rest/v1/rpc/l402_consume anon",
      expect.stringMatching(/^\/rest\/v1\/\S* anon$/),
      "/rest/v1/rpc/l402_consume service",
      "/rest/v1/rpc/l402_consume sb_publishable_x",
      "/rest/v1/rpc/l402_consume sb_secret_x",
    ]);
  });

  it("keeps a serverless instance alive until a payment is written", async () => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" }).end("0");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    ends.push(() => server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const env = { SUPABASE_URL: url, SUPABASE_ANON_KEY: "anon" };
    const kept: Promise<unknown>[] = [];
    const log = await paymentLogFrom(env, { waitUntil: (promise) => void kept.push(promise) });
    await log?.record(payment);
    expect(kept).toHaveLength(1);
    await kept[0];
    expect((log as { waiting?: number }).waiting).toBe(0);
  });

  it.each([
    [{ SUPABASE_URL: "https://x.supabase.co" }, "supabase needs SUPABASE_PUBLISHABLE_KEY, which is not set."],
    [{ L402_STORE: "supabase", SUPABASE_ANON_KEY: "anon" }, "supabase needs SUPABASE_URL, which is not set."],
    [{ L402_STORE: "supabase" }, "supabase needs SUPABASE_URL and SUPABASE_PUBLISHABLE_KEY, which are not set."],
    [
      { SUPABASE_URL: "https://x.supabase.co", SUPABASE_ANON_KEY: "anon" },
      "supabase needs L402_SECRET, which is not set.",
    ],
  ])("%o is not enough", async (env, message) => {
    await expect(useStoreFrom(env)).rejects.toMatchObject({ code: "CONFIG_INVALID", message });
  });

  it("logs payments only where it is set", async () => {
    expect(await paymentLogFrom({ L402_STORE: "memory" })).toBeUndefined();
    expect(await challengeLimiterFrom({ L402_STORE: "memory" })).toBeUndefined();
  });
});

async function startRedis(): Promise<string> {
  const squatter = createTcpServer().listen(0, "127.0.0.1");
  await once(squatter, "listening");
  const { port } = squatter.address() as AddressInfo;
  await new Promise((resolve) => squatter.close(resolve));
  const server = spawn("redis-server", ["--port", String(port), "--bind", "127.0.0.1", "--save", ""]);
  ends.push(() => server.kill("SIGKILL"));
  for await (const line of server.stdout) if (String(line).includes("Ready to accept")) break;
  return `redis://127.0.0.1:${port}`;
}
