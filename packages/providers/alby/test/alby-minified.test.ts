import { afterAll, describe, expect, it, vi } from "vitest";
import { createAlby, createAlbyWallet } from "../src/index.ts";
import { fakeAlbyHub } from "./fake-alby-hub.ts";

// A bundler that minifies renames the SDK's classes, also those of its errors.
const { sdk, remove } = await vi.hoisted(async () => {
  const { bundle } = await import("./bundle.ts");
  const { file, remove } = await bundle('export * from "@getalby/sdk/nwc";', { minify: true });
  return { sdk: await import(file), remove };
});
vi.mock("@getalby/sdk/nwc", () => sdk);
afterAll(remove);

const hub = await fakeAlbyHub();
const { url, relay, lightning, state } = hub;
const ORDER = { amountMsat: 21_000, description: "tea", expiresInSeconds: 600 };
const provider = createAlby({ url, timeoutSeconds: 1 });

it("is an SDK with other names that the following tests run with", () => {
  expect(hub.NWCClient).toBe(sdk.NWCClient);
  expect(sdk.Nip47WalletError.name).not.toBe("Nip47WalletError");
});

describe("with the SDK in a minified bundle", () => {
  it.each([
    ["INSUFFICIENT_BALANCE", "failed"],
    ["QUOTA_EXCEEDED", "failed"],
    ["PAYMENT_FAILED", "unknown"],
    ["INTERNAL", "unknown"],
  ])("a refusal with %s is read: %s", async (code, status) => {
    const { bolt11, paymentHash } = await lightning.provider.createInvoice(ORDER);
    const wallet = createAlbyWallet({ url, timeoutSeconds: 1 });
    state.refuse = code;
    relay.state.intercept = (event) => {
      // Only the payment is refused.
      if (event.kind === 23195) state.refuse = undefined;
      return event;
    };
    expect(await wallet.payInvoice({ bolt11, maxFeeMsat: 10_000 })).toMatchObject({ status });
    expect(await wallet.lookupPayment(paymentHash)).toEqual({ status: "not-found" });
  });

  it.each([
    ["RATE_LIMITED", "PROVIDER_RATE_LIMITED"],
    ["UNAUTHORIZED", "PROVIDER_UNAUTHORIZED"],
    ["INTERNAL", "PROVIDER_BAD_RESPONSE"],
  ])("the wallet's %s is %s", async (refusal, code) => {
    state.refuse = refusal;
    await expect(provider.createInvoice(ORDER)).rejects.toMatchObject({ code, fundsMoved: "no" });
  });

  it("a relay that is not there, and one that does not know the wallet, are told apart", async () => {
    const stranger = createAlby({ url: hub.urlOf(hub.clientSecret, undefined, "ab".repeat(32)) });
    await expect(stranger.createInvoice(ORDER)).rejects.toThrow("has no information about the wallet");
    const repair = await relay.breakBackend();
    await expect(createAlby({ url }).createInvoice(ORDER)).rejects.toThrow("None of the relays");
    await repair();
  });

  it("an answer that cannot be decrypted is a bad one", async () => {
    relay.state.intercept = async (event) => {
      if (event.kind !== 23195) return event;
      const { tags, created_at } = event;
      return hub.service.signEvent({ kind: event.kind, tags, created_at, content: "garbage" }, hub.walletSecret);
    };
    const call = createAlby({ url, timeoutSeconds: 1 }).createInvoice(ORDER);
    await expect(call).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });
});
