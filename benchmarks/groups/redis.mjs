// Counting uses in Redis, next to one SET NX for each, as everybody would write it, with the same client.
import { spawn } from "node:child_process";
import { hash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { createRedisUseStore } from "@l402/redis";
import { Redis } from "ioredis";
import { freePort } from "../../tooling/free-port.mjs";
import { mustHold, onlyOne, ratio, spread } from "../rounds.mjs";

const ROUNDS = 9;
const SLICE_MS = 250;
const MARKS = 200_000;
/** One of so many is timed: the CPU time of timing all of them would count as the client's. */
const TIMED = 8;

export async function measureGroup() {
  const server = await startRedis();
  if (!server) return { values: {}, notes: ["redis-server is not installed: nothing was measured."] };
  const redis = new Redis(server.port, "127.0.0.1", { maxRetriesPerRequest: null, retryStrategy: () => 20 });
  redis.on("error", () => {});
  await redis.ping();
  const store = createRedisUseStore({ redis });
  const cases = {
    ours: { take: (use) => store.consume(use), taken: 0 },
    naive: {
      take: ({ key, expiresAt }) => redis.set(`l402:use:{${key}}`, "1", "PXAT", expiresAt.getTime(), "NX"),
      taken: "OK",
    },
  };
  try {
    for (const [name, { take, taken }] of Object.entries(cases)) {
      const use = nextUse();
      mustHold((await take(use)) === taken && (await take(use)) !== taken, `${name} does not count`);
      // Asks once whether it is a cluster.
      await Promise.all(Array.from({ length: 64 }, () => take(nextUse())));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const values = {};
    const absolute = {};
    for (const inFlight of [1, 64, 256]) {
      const rounds = { ours: [], naive: [] };
      for (let round = -1; round < ROUNDS; round++) {
        const order = round % 2 ? ["ours", "naive"] : ["naive", "ours"];
        for (const name of order) {
          const result = await slice(cases[name], inFlight);
          if (round >= 0) rounds[name].push(result);
        }
      }
      const of = (name, field) => rounds[name].map((result) => result[field]);
      values[`throughput at ${inFlight}`] = ratio(of("ours", "perSecond"), of("naive", "perSecond"));
      values[`cpu at ${inFlight}`] = ratio(of("naive", "cpuMicros"), of("ours", "cpuMicros"));
      values[`p99 at ${inFlight}`] = ratio(of("ours", "p99"), of("naive", "p99"));
      absolute[`per second at ${inFlight}`] = spread(of("ours", "perSecond"));
      absolute[`client CPU µs at ${inFlight}`] = spread(of("ours", "cpuMicros"));
    }
    values["bytes per mark"] = onlyOne(await bytesPerMark(redis, store));
    return { values, absolute };
  } finally {
    redis.disconnect();
    server.end();
  }
}

const WEEK_MS = 7 * 86_400_000;
/** Tokens are used within ten seconds after they were offered. */
const EXPIRIES = Array.from({ length: 1000 }, () => new Date(Date.now() + WEEK_MS + Math.random() * 10_000));
let number = 0;
/** Keys are random, as payment hashes are. */
const nextUse = (expiresAt = EXPIRIES[number % EXPIRIES.length]) => ({
  key: hash("sha256", `token ${number++}`, "hex"),
  limit: 1,
  expiresAt,
});

async function slice({ take, taken }, inFlight) {
  // Before the clock runs: to make them takes longer than to count them.
  const uses = Array.from({ length: SLICE_MS * (inFlight === 1 ? 60 : 600) }, () => nextUse());
  const millis = [];
  const until = performance.now() + SLICE_MS;
  const cpu = process.cpuUsage();
  const start = performance.now();
  let count = 0;
  const work = async () => {
    while (performance.now() < until && uses.length > 0) {
      const sentAt = count++ % TIMED === 0 ? performance.now() : 0;
      if ((await take(uses.pop())) !== taken) throw new Error("A new key is refused.");
      if (sentAt > 0) millis.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - start) / 1000;
  millis.sort((a, b) => a - b);
  return {
    perSecond: count / seconds,
    cpuMicros: (user + system) / count,
    p99: millis[Math.floor(millis.length * 0.99)],
  };
}

/** Of tokens that are sold at a thousand a second. */
async function bytesPerMark(redis, store) {
  await redis.flushall();
  const used = async () => Number(/used_memory:(\d+)/.exec(await redis.info("memory"))[1]);
  const before = await used();
  const begin = Date.now() + WEEK_MS;
  for (let i = 0; i < MARKS; i += 1000) {
    await Promise.all(Array.from({ length: 1000 }, (_, j) => store.consume(nextUse(new Date(begin + i + j)))));
  }
  return ((await used()) - before) / MARKS;
}

async function startRedis() {
  const port = await freePort();
  const args = ["--port", String(port), "--save", "", "--dir", mkdtempSync(`${tmpdir()}/l402-bench-`)];
  const child = spawn("redis-server", args, { stdio: "ignore" });
  const end = () => child.kill("SIGKILL");
  process.once("exit", end);
  const [error] = await Promise.race([once(child, "error"), once(child, "spawn")]);
  return error ? undefined : { port, end };
}
