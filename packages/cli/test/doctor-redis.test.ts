import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { afterAll, describe, expect, it } from "vitest";
import { l402 } from "./l402-process.ts";

const hasRedis = !spawnSync("redis-server", ["--version"], { stdio: "ignore" }).error;
if (!hasRedis) console.warn("Skipped: redis-server is not installed here.");

const ends: (() => unknown)[] = [];
afterAll(async () => {
  for (const end of ends) await end();
});

const SEEN = /Redis|Whether/;
const CANARY = "c4n4ry5ec2e7";

/** What the doctor says about a Redis with these settings. */
async function examine(settings: string[], user = "default", flags: string[] = []) {
  const REDIS_URL = await startRedis(settings, user);
  const env = { L402_STORE: "redis", REDIS_URL, L402_SECRET: "a secret for tests, at least 32 bytes long" };
  const { all, stdout, stderr, json } = await l402(["doctor", ...flags], { env });
  expect(all).not.toContain(CANARY);
  expect(stdout).toContain("The store counts token uses correctly.");
  return { lines: stdout.split("\n").filter((line) => SEEN.test(line)), stderr, json };
}

const EVICTS = /^✗ When its memory is full, Redis throws away counts, .*used tokens work again/;
const KEPT = "✓ Redis keeps counts in a restart.";
const LASTING = ["--appendonly", "yes"];
const FULL = ["--maxmemory", "20mb", ...LASTING];

describe.skipIf(!hasRedis).concurrent("l402 doctor, where uses are counted in Redis", () => {
  it("finds nothing wrong with what the README asks for", async () => {
    const { lines } = await examine([...FULL, "--maxmemory-policy", "noeviction"]);
    expect(lines).toEqual(["✓ Redis evicts no counts.", KEPT]);
  });

  it.each(["allkeys-lru", "volatile-ttl"])("finds that counts are evicted: %s", async (policy) => {
    const { lines } = await examine([...FULL, "--maxmemory-policy", policy]);
    expect(lines).toEqual([expect.stringMatching(EVICTS), KEPT]);
    expect(lines[0]).toContain(`maxmemory-policy is ${policy}. → Set maxmemory-policy noeviction`);
    expect(/which have an expiry/.test(String(lines[0]))).toBe(policy === "volatile-ttl");
  });

  it("finds that a policy does nothing yet", async () => {
    const { lines } = await examine(["--maxmemory-policy", "allkeys-lru", ...LASTING]);
    expect(lines[0]).toBe("✓ Redis evicts no counts while maxmemory is 0. Before you set it, set noeviction.");
  });

  it("finds that a restart forgets, and gives programs codes", async () => {
    const { json, stderr } = await examine(["--maxmemory", "20mb", "--maxmemory-policy", "volatile-lru"], "default", [
      "--json",
    ]);
    expect(stderr).toBe("");
    expect(json().findings).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ level: "problem", code: "REDIS_EVICTS", exitCode: 2 }),
        expect.objectContaining({ level: "warning", code: "REDIS_FORGETS", fix: expect.stringMatching(/CONFIG SET/) }),
      ]),
    );
  });

  it("needs no CONFIG, and says what it may not see", async () => {
    const settings = [...FULL, "--maxmemory-policy", "allkeys-lru"];
    const { lines } = await examine(settings, "noconfig on >PASSWORD ~* +@all -config");
    expect(lines[0]).toMatch(EVICTS);
    const { json, stderr } = await examine(settings, "noinfo on >PASSWORD ~* +@all -info -config", ["--json"]);
    expect(stderr).toBe("");
    expect(json().findings.slice(-2)).toEqual([
      { level: "ok", text: expect.stringMatching(/evicts .* not be seen: check that maxmemory-policy is noeviction/) },
      { level: "ok", text: expect.stringMatching(/restart .* not be seen: check that appendonly is yes/) },
    ]);
  });
});

/** Starts a Redis, and answers the URL for a user, whose rules are those of an ACL. */
async function startRedis(settings: string[], user: string): Promise<string> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  const dir = mkdtempSync(`${tmpdir()}/l402-doctor-redis-`);
  const [name, ...rules] = user.replace("PASSWORD", CANARY).split(" ");
  const acl = rules.length > 0 ? ["--user", String(name), ...rules] : [];
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", dir, "--save", "", ...settings, ...acl];
  const server = spawn("redis-server", args, { stdio: ["ignore", "pipe", "ignore"] });
  ends.push(async () => {
    if (server.exitCode === null && server.kill("SIGKILL")) await once(server, "exit");
    rmSync(dir, { recursive: true, force: true });
  });
  for await (const line of server.stdout) if (/Ready to accept connections/.test(String(line))) break;
  return `redis://${rules.length > 0 ? `${name}:${CANARY}@` : ""}127.0.0.1:${port}`;
}
