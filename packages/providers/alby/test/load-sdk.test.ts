import { afterEach, expect, it, vi } from "vitest";

const url = `nostr+walletconnect://${"3b".repeat(32)}?relay=ws%3A%2F%2F127.0.0.1%3A9&secret=${"c4".repeat(32)}`;
const ORDER = { amountMsat: 21_000, description: "One cup of tea", expiresInSeconds: 600 };
const original = globalThis.WebSocket;

afterEach(() => {
  vi.doUnmock("ws");
  vi.doUnmock("@getalby/sdk/nwc");
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

it("says that the SDK is missing when it is needed first, and not before", async () => {
  globalThis.WebSocket ??= (await import("ws")).WebSocket as unknown as typeof WebSocket;
  missing("@getalby/sdk/nwc");
  const { provider } = await create();
  const error = { code: "CONFIG_INVALID", message: expect.stringContaining("npm install @getalby/sdk") };
  await expect(provider.createInvoice(ORDER)).rejects.toMatchObject(error);
});
