import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { dir, l402 } from "./l402-process.ts";
import { openMcpShop } from "./mcp-shop.ts";

const shop = await openMcpShop({});
/** What happens when a file is being loaded, by its name. */
const loading = new Map<string, () => void>();
const door = createServer(({ url = "" }, response) => {
  loading.get(url.slice(1))?.();
  response.end();
}).listen(0, "127.0.0.1");
await once(door, "listening");
afterAll(() => void door.close());
const { port } = door.address() as AddressInfo;

/** A wallet's file that tells that it is being loaded, and that never ends. */
function neverLoads(name: string) {
  const wallet = `${dir}/${name}.mjs`;
  const code = `await fetch("http://127.0.0.1:${port}/${name}"); await new Promise(() => {}); export const wallet = {};`;
  writeFileSync(wallet, code);
  return { ...shop.env, L402_WALLET: wallet, L402_MAX_SATS_PER_DAY: "100" };
}

const url = `${shop.url}/paid/weather`;

describe.concurrent("a wallet file that never loads", () => {
  it.each([
    ["fetch", ["fetch", url], 7],
    ["mcp", ["mcp"], 7],
    ["doctor", ["doctor"], 2],
  ])("does not outlast the time that -m allows: %s", async (command, args, expected) => {
    const { code, stderr } = await l402([...args, "-m", "1"], { env: neverLoads(`slow-${command}`) });
    expect(code).toBe(expected);
    if (expected === 7)
      expect(stderr).toMatch(/NETWORK The request was not complete in time\.\n.*\nNothing was paid\.\n$/);
  });
});

describe("Ctrl-C", () => {
  it.each([
    ["fetch", ["fetch", url]],
    ["mcp", ["mcp"]],
  ])("ends a command whose wallet file never loads: %s", async (command, args) => {
    const env = neverLoads(command);
    let kill = (_signal: NodeJS.Signals) => {};
    loading.set(command, () => kill("SIGINT"));
    const stopped = await l402(args, { env, onStart: (act) => (kill = act) });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toMatch(/STOPPED You stopped the command\.\nNothing was paid\.\n$/);
  });
});
