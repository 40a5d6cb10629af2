import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const running: (() => void)[] = [];
afterEach(() => {
  for (const stop of running.splice(0)) stop();
});

/** Starts the demo as `npm run demo` does. */
function start(args: readonly string[] = [], env: Record<string, string> = {}) {
  const command = ["--conditions=@l402/source", "--import", "tsx", "apps/demo/src/demo.ts", ...args];
  const child = spawn(process.execPath, command, { cwd: root, env: { ...process.env, NODE_ENV: "", ...env } });
  running.push(() => child.kill("SIGKILL"));
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output += chunk;
  });
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, output }));
  const says = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(output);
      if (found) return found;
      if (child.exitCode !== null) throw new Error(`The demo ended and did not say ${pattern}:\n${output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  return { child, ended, says };
}

/** What differs from run to run: times, proofs, and what the shop picks by chance. */
const without = (output: string) =>
  output
    .replace(/\d+ ms/g, "… ms")
    .replace(/Done in [\d.]+ s/, "Done in … s")
    .replace(/Proof of payment: [0-9a-f]{8}/g, "Proof of payment: …")
    .replace(/"(weather|quote)":"[^"]*"/g, '"$1":"…"');

describe("npm run demo", () => {
  it("-- --once tells the story that the README shows, and ends", async () => {
    const { code, output } = await start(["--once"]).ended;
    expect(code).toBe(0);
    const readme = readFileSync(`${root}/README.md`, "utf8");
    const [, recorded = ""] = /--once\n\n```\n(.*?)```/s.exec(readme) ?? [];
    expect(without(output)).toBe(without(recorded));
  });

  it("-- --once --json prints every step as data, and the money adds up", async () => {
    const { code, output } = await start(["--once", "--json"]).ended;
    expect(code).toBe(0);
    const steps = output
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const [before, after] = steps.filter(({ step }) => step === "balances").map(({ sats }) => sats);
    const paid = steps.filter(({ step }) => step === "paid");
    const spent = paid.reduce((sum, { sats, feeSats }) => sum + sats + feeSats, 0);
    expect(paid).toHaveLength(5);
    expect(before.buyer - after.buyer).toBe(spent);
    expect(after.seller + after.router).toBe(spent);
    expect(after.router).toBeGreaterThan(0);
    const statuses = steps.filter(({ step }) => step === "response").map(({ status }) => status);
    expect(statuses).toEqual([200, 402, 200, 200, 200, 200, 402, 200, 500, 200]);
  });

  it("goes on with a web page, on another port when one is taken, and Ctrl-C ends it", async () => {
    const squatter = createServer().listen(0, "127.0.0.1");
    await once(squatter, "listening");
    const { port } = squatter.address() as AddressInfo;
    const demo = start(["--port", String(port)]);
    const [, url = ""] = await demo.says(/is taken\. Try it yourself at (\S+)/);
    squatter.close();
    expect(url).not.toContain(String(port));
    expect(await (await fetch(url)).text()).toContain("regtest");
    expect((await fetch(`${url}/weather`)).status).toBe(402);
    const forged = await fetch(`${url}/demo/buy/weather`, {
      method: "POST",
      headers: { origin: "https://evil.example" },
    });
    expect(forged.status).toBe(403);
    const payment = { method: "POST", body: "{}", headers: { origin: "https://evil.example" } };
    expect((await fetch(`${url}/demo/wallet/payments`, payment)).status).toBe(403);
    demo.child.kill("SIGINT");
    expect((await demo.ended).code).toBe(0);
  });

  it.each([
    ["an unknown flag", ["--twice"], "--twice"],
    ["a port that is none", ["--port", "http"], "--port http"],
    ["something else", ["now"], "now"],
  ])("refuses %s with the usage and exit code 2", async (_, args, named) => {
    const { code, output } = await start(args).ended;
    expect(code).toBe(2);
    expect(output).toContain(named);
    expect(output).toContain("Usage: npm run demo");
    expect(output).not.toContain("    at ");
  });

  it("-- --provider <file> uses a backend of one's own", async () => {
    const { code, output } = await start(["--once", "--provider", "apps/demo/test/own-backend.mjs"]).ended;
    expect(code).toBe(0);
    expect(output).not.toContain("play-money");
    expect(output.match(/⚡ paid/g)).toHaveLength(5);
  });

  it("opens no door to your own backend", async () => {
    const demo = start(["--port", "0", "--provider", "apps/demo/test/own-backend.mjs"]);
    const [, url = ""] = await demo.says(/Try it yourself at (\S+)/);
    const payment = { method: "POST", body: "{}" };
    expect((await fetch(`${url}/demo/wallet/payments`, payment)).status).toBe(404);
    demo.child.kill("SIGINT");
    expect((await demo.ended).output).not.toContain("l402 -- fetch");
  });

  it("-- --provider <file> says what the file lacks", async () => {
    const { code, output } = await start(["--once", "--provider", "package.json"]).ended;
    expect(code).toBe(1);
    expect(output).not.toContain("    at ");
  });

  it("refuses to run in production", async () => {
    const { code, output } = await start(["--once"], { NODE_ENV: "production" }).ended;
    expect(code).toBe(1);
    expect(output.trim().split("\n")).toHaveLength(1);
  });
});
