import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { bundle } from "./bundle.ts";

const url = `nostr+walletconnect://${"3b".repeat(32)}?relay=ws%3A%2F%2F127.0.0.1%3A9&secret=${"c4".repeat(32)}`;
const ORDER = { amountMsat: 21_000, description: "One cup of tea", expiresInSeconds: 600 };
const ALBY = 'export * from "../src/index.ts";';
const original = globalThis.WebSocket;

afterEach(() => {
  vi.doUnmock("ws");
  vi.resetModules();
  vi.restoreAllMocks();
  globalThis.WebSocket = original;
});

const missing = (name: string) =>
  vi.doMock(name, () => {
    throw new Error(`Cannot find package '${name}'`);
  });

async function create() {
  const { createAlby, createAlbyWallet } = await import("../src/index.ts");
  return { provider: createAlby({ url }), wallet: createAlbyWallet({ url }) };
}

it("takes ws where the runtime has no WebSocket, as Node 20", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  Reflect.deleteProperty(globalThis, "WebSocket");
  const { provider } = await create();
  expect(globalThis.WebSocket).toBeUndefined();
  await expect(provider.createInvoice(ORDER)).rejects.toMatchObject({ code: "PROVIDER_UNREACHABLE" });
  expect(globalThis.WebSocket).toBe((await import("ws")).WebSocket);
});

it("says what to install where there is no ws either", async () => {
  Reflect.deleteProperty(globalThis, "WebSocket");
  missing("ws");
  const { provider, wallet } = await create();
  const error = { code: "CONFIG_INVALID", fundsMoved: "no", message: expect.stringContaining("npm install ws") };
  await expect(provider.createInvoice(ORDER)).rejects.toMatchObject(error);
  await expect(wallet.lookupPayment("ab".repeat(32))).rejects.toMatchObject(error);
});

it("does not touch a WebSocket that there is", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const own = class extends EventTarget {} as unknown as typeof WebSocket;
  globalThis.WebSocket = own;
  missing("ws");
  const { provider } = await create();
  await expect(provider.createInvoice({ ...ORDER, signal: AbortSignal.timeout(50) })).rejects.toThrow();
  expect(globalThis.WebSocket).toBe(own);
});

describe("where the SDK is needed first, and not before", () => {
  const program = `
    import { createAlby } from "../src/index.ts";
    globalThis.WebSocket ??= class {};
    const provider = createAlby({ url: "${url}" });
    await provider.createInvoice(${JSON.stringify(ORDER)}).catch(({ code, message }) => console.log(code, message));
  `;

  it.each([
    ["is not installed", undefined, "is not installed. Run `npm install @getalby/sdk`."],
    ["is broken", "}", "cannot be loaded (SyntaxError)."],
    ["misses a package of its own", 'import "nostr-tools";', "cannot be loaded (ERR_MODULE_NOT_FOUND)."],
  ])("says that it %s", async (_, sdk, told) => {
    const { file, dir, remove } = await bundle(program, { external: ["@getalby/sdk", "ws", "node:*"] });
    if (sdk !== undefined) {
      const installed = `${dir}/node_modules/@getalby/sdk`;
      mkdirSync(installed, { recursive: true });
      const manifest = { name: "@getalby/sdk", type: "module", exports: { "./nwc": "./nwc.js" } };
      writeFileSync(`${installed}/package.json`, JSON.stringify(manifest));
      writeFileSync(`${installed}/nwc.js`, sdk);
    }
    const printed = execFileSync(process.execPath, [file], { encoding: "utf8" });
    expect(printed).toBe(`CONFIG_INVALID @l402/alby: the package @getalby/sdk ${told}\n`);
    remove();
  });
});

it.each(["node", "browser"])("can be bundled where ws is not installed, for %s", async (platform) => {
  const { file, remove } = await bundle(ALBY, { platform, external: ["node:*"], alias: { ws: "ws-not-installed" } });
  execFileSync(process.execPath, [file]);
  remove();
});
