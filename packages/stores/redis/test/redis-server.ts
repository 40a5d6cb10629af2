import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { Redis } from "ioredis";
import { describe } from "vitest";
import { atEnd } from "./at-end.ts";

/** `describe`, where a real Redis is installed. CI sets L402_REQUIRE_REDIS, and is never without. */
export const describeWithRedis: typeof describe = (isInstalled() ? describe : describe.skip) as typeof describe;

function isInstalled(): boolean {
  if (!spawnSync("redis-server", ["--version"], { stdio: "ignore" }).error) return true;
  if (process.env.L402_REQUIRE_REDIS) throw new Error("redis-server must be installed: L402_REQUIRE_REDIS is set.");
  console.warn("Skipped: redis-server is not installed here.");
  return false;
}

export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** A client of its own, which gives up soon. Closed after the tests of the file. */
  connect(options?: Record<string, unknown>): Redis;
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again, on the same port and with the same files. */
  restart(...args: string[]): Promise<void>;
}

/** Starts a server with files of its own, and ends it after the tests of the file. */
export const startRedis = (...args: string[]): Promise<RedisServer> => start(args, "");

/** One whose files cannot become larger than some kilobytes. */
export const startRedisOnSmallDisk = (...args: string[]): Promise<RedisServer> =>
  start(args, "ulimit -f 8; trap '' XFSZ; ");

async function start(args: string[], limits: string): Promise<RedisServer> {
  const port = await freePort();
  const dir = mkdtempSync(`${tmpdir()}/l402-redis-`);
  const clients: Redis[] = [];
  let server: ChildProcess | undefined;

  async function run(...more: string[]) {
    const all = ["--port", String(port), "--dir", dir, "--save", "", ...args, ...more];
    server = spawn("sh", ["-c", `${limits}exec redis-server "$@"`, "sh", ...all], { stdio: "ignore" });
    await untilItAnswers(port);
  }
  async function kill(signal: NodeJS.Signals) {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, "exit");
    server.kill(signal);
    // One that is stopped would never end.
    if (signal !== "SIGSTOP" && signal !== "SIGCONT") await ended;
  }
  atEnd(async () => {
    for (const client of clients) client.disconnect();
    await kill("SIGKILL");
    rmSync(dir, { recursive: true, force: true });
  });

  await run();
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    connect(options = {}) {
      const client = new Redis(port, "127.0.0.1", { maxRetriesPerRequest: 1, retryStrategy: () => 20, ...options });
      client.on("error", () => {});
      clients.push(client);
      return client;
    },
    kill,
    restart: run,
  };
}

/** Any answer will do: it can want a password. */
async function untilItAnswers(port: number): Promise<void> {
  const client = new Redis(port, "127.0.0.1", {
    enableReadyCheck: false,
    maxRetriesPerRequest: null,
    retryStrategy: () => 20,
  });
  client.on("error", () => {});
  await client.ping().catch((error) => {
    if (error.name !== "ReplyError") throw error;
  });
  client.disconnect();
}

/**
 * A port that is free, as is the one of a cluster's own talk, 10000 above. Both are below the ports that systems give to
 * connections: there, a client that tries a server which is down can connect to itself, and so keep it down.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 22_000);
    if ((await isFree(port)) && (await isFree(port + 10_000))) return port;
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
      .once("error", () => resolve(false))
      .listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
