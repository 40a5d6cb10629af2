import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { dir, l402 } from "./l402-process.ts";
import { openMcpShop } from "./mcp-shop.ts";

const shop = await openMcpShop({});
/** It tells that it is being loaded, and that never ends. */
const loading: (() => void)[] = [];
const door = createServer((_, response) => {
  loading.shift()?.();
  response.end();
}).listen(0, "127.0.0.1");
await once(door, "listening");
afterAll(() => void door.close());
const wallet = `${dir}/never.mjs`;
const { port } = door.address() as AddressInfo;
writeFileSync(
  wallet,
  `await fetch("http://127.0.0.1:${port}"); await new Promise(() => {}); export const wallet = {};`,
);
const env = { ...shop.env, L402_WALLET: wallet, L402_MAX_SATS_PER_DAY: "100" };
const url = `${shop.url}/paid/weather`;

describe.concurrent("a wallet file that never loads", () => {
  it.each([
    ["fetch", ["fetch", url], 7],
    ["mcp", ["mcp"], 7],
    ["doctor", ["doctor"], 2],
  ])("does not outlast the time that -m allows: %s", async (_, args, expected) => {
    const { code, stderr } = await l402([...args, "-m", "1"], { env });
    expect(code).toBe(expected);
    if (expected === 7)
      expect(stderr).toMatch(/NETWORK The request was not complete in time\.\n.*\nNothing was paid\.\n$/);
  });
});

describe("Ctrl-C", () => {
  it.each([
    ["fetch", ["fetch", url]],
    ["mcp", ["mcp"]],
  ])("ends a command whose wallet file never loads: %s", async (_, args) => {
    let kill = (_signal: NodeJS.Signals) => {};
    loading.push(() => kill("SIGINT"));
    const stopped = await l402(args, { env, onStart: (act) => (kill = act) });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toMatch(/STOPPED You stopped the command\.\nNothing was paid\.\n$/);
  });
});
