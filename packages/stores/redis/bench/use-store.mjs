// How fast uses are counted, next to the fastest that Node can do with one connection: npm run bench
// Every round runs every case, so that a busy machine slows all of them; ratios are medians over the rounds.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { createClient } from "@redis/client";
import { Redis } from "ioredis";
import { createRedisUseStore } from "../src/index.ts";

const [ROUNDS, SLICE_MS, GOAL] = [25, 120, 0.8];
const port = 45_000 + Math.floor(Math.random() * 5_000);
const server = spawn("redis-server", ["--port", String(port), "--save", ""], { stdio: "ignore" });
process.on("exit", () => server.kill("SIGKILL"));

const expiresAt = new Date(Date.now() + 86_400_000);
const expiry = String(expiresAt.getTime());
let number = 0;
/** As payment hashes are: any first digit is as likely as another. */
const freshKey = () => ((number++ * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, "0").padEnd(64, "0");

/** No client at all: commands are written as they are, all of one turn together, and answers are counted. */
async function rawSet() {
  const socket = connect(port, "127.0.0.1").setNoDelay().setEncoding("latin1");
  await once(socket, "connect");
  const waiting = [];
  let [output, input] = ["", ""];
  socket.on("data", (data) => {
    input += data;
    let start = 0;
    for (let end = input.indexOf("\r\n"); end >= 0; end = input.indexOf("\r\n", start)) {
      waiting.shift()(input.slice(start, end) === "+OK");
      start = end + 2;
    }
    input = input.slice(start);
  });
  const flush = () => {
    socket.write(output);
    output = "";
  };
  return () =>
    new Promise((resolve) => {
      if (output === "") setImmediate(flush);
      const key = `l402:${freshKey()}`;
      output += `*6\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$1\r\n1\r\n$2\r\nNX\r\n$4\r\nPXAT\r\n$${expiry.length}\r\n${expiry}\r\n`;
      waiting.push(resolve);
    });
}

const plain = new Redis(port, { retryStrategy: () => 200 }).on("error", () => {});
await plain.ping();
const auto = new Redis(port, { enableAutoPipelining: true });
const nodeRedis = await createClient({ url: `redis://127.0.0.1:${port}` }).connect();
const setNx = (redis) => async () => (await redis.set(`l402:${freshKey()}`, "1", "PXAT", expiry, "NX")) === "OK";
const useStore = (redis) => {
  const store = createRedisUseStore({ redis });
  return async () => (await store.consume({ key: freshKey(), limit: 1, expiresAt })) === 0;
};
const cases = {
  "raw socket, pipelined SET NX": await rawSet(),
  "ioredis SET NX": setNx(plain),
  "ioredis SET NX, auto-pipelining": setNx(auto),
  "createRedisUseStore, ioredis": useStore(plain),
  "createRedisUseStore, ioredis, auto-pipelining": useStore(auto),
  "createRedisUseStore, node-redis": useStore(nodeRedis),
};
const [reference, , , measured] = Object.keys(cases);

const serverCpu = async () => {
  const [user, system] = [...(await plain.info("cpu")).matchAll(/used_cpu_(?:user|sys):([\d.]+)/g)].map(([, n]) =>
    Number(n),
  );
  return (user + system) * 1e6;
};

async function slice(call, concurrency) {
  const latencies = [];
  const serverBefore = await serverCpu();
  const cpu = process.cpuUsage();
  const start = performance.now();
  const worker = async () => {
    for (let now = performance.now(); now - start < SLICE_MS; ) {
      const before = now;
      if (!(await call())) throw new Error("A fresh use was refused.");
      now = performance.now();
      latencies.push(now - before);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - start) / 1000;
  const count = latencies.length;
  latencies.sort((a, b) => a - b);
  return {
    perSecond: count / seconds,
    cpuMicros: (user + system) / count,
    serverMicros: ((await serverCpu()) - serverBefore) / count,
    p99Ms: latencies[Math.floor(count * 0.99)],
  };
}

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
let reached;
for (const concurrency of [1, 64, 256]) {
  const results = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
  const names = Object.keys(cases);
  for (let round = -1; round < ROUNDS; round++) {
    await plain.flushall();
    number = 0;
    // As after a moment of such traffic: the first 500 counts of a bucket take less memory, and more time.
    for (let i = 0; i < 20; i++) await Promise.all(Array.from({ length: 1000 }, cases[measured]));
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + round + names.length) % names.length];
      const result = await slice(cases[name], concurrency);
      if (round >= 0) results[name].push(result);
    }
  }
  console.log(`\n${concurrency} at once`.padEnd(48), "uses/s   of raw   CPU/use  Redis/use  p99");
  for (const name of names) {
    const ratio = median(results[name].map(({ perSecond }, i) => perSecond / results[reference][i].perSecond));
    const [perSecond, cpuMicros, serverMicros, p99Ms] = ["perSecond", "cpuMicros", "serverMicros", "p99Ms"].map(
      (field) => median(results[name].map((result) => result[field])),
    );
    const figures = [perSecond.toFixed(0).padStart(7), `${(ratio * 100).toFixed(0)} %`.padStart(8)];
    for (const micros of [cpuMicros, serverMicros]) figures.push(`${micros.toFixed(1)} µs`.padStart(9));
    console.log(name.padEnd(46), ...figures, ` ${p99Ms.toFixed(2)} ms`);
    if (concurrency === 64 && name === measured) reached = ratio;
  }
}

await plain.flushall();
const memory = async () => Number(/used_memory:(\d+)/.exec(await plain.info("memory"))[1]);
const before = await memory();
for (let i = 0; i < 200; i++) await Promise.all(Array.from({ length: 1000 }, cases[measured]));
console.log(
  `\nMemory: ${(((await memory()) - before) / 200_000).toFixed(0)} bytes for each token that is being counted`,
);
console.log(`64 at once: ${(reached * 100).toFixed(0)} % of raw, and the goal is ${GOAL * 100} %`);
process.exit(reached >= GOAL ? 0 : 1);
