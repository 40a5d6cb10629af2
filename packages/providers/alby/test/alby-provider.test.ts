import { createMemoryUseStore, createPaywall, decodeInvoice, formatCredential, parseChallenges } from "@l402/core";
import { withL402 } from "@l402/core/web";
import { describeProvider } from "@l402/testing";
import { describe, expect, it } from "vitest";
import { createAlby } from "../src/index.ts";
import { fakeAlbyHub } from "./fake-alby-hub.ts";
import { providerSubject } from "./kit-subjects.ts";

const hub = await fakeAlbyHub();
const { url, relay, state, lightning, clock } = hub;

describeProvider({ describe, it }, providerSubject(hub, "Alby"));

const provider = createAlby({ url });
const ORDER = { amountMsat: 21_000, description: "One cup of tea", expiresInSeconds: 600 };

describe("createAlby", () => {
  it("opens nothing unpaid, whoever knows the preimage, where the wallet is not known to keep it", async () => {
    const cautious = createAlby({ url, preimageProvesPayment: false });
    const useStore = createMemoryUseStore({ clock });
    const secret = "a secret of at least thirty-two bytes";
    const paywall = createPaywall({ provider: cautious, secret, useStore, network: "regtest", clock });
    const shop = withL402(paywall, { price: 21 }, () => new Response("the goods"));
    const ask = (authorization?: string) =>
      shop(new Request("https://shop.example/tea", authorization ? { headers: { authorization } } : {}));
    const [challenge] = parseChallenges((await ask()).headers.get("www-authenticate"));
    const { paymentHash } = decodeInvoice(challenge?.invoice ?? "");
    const credential = formatCredential(challenge?.token ?? "", lightning.settle(paymentHash));
    state.trap = (_, result) => ({ ...result, state: "pending", settled_at: undefined });
    expect((await ask(credential)).status).toBe(402);
    clock.advanceSeconds(1); // the paywall asks once a second
    state.trap = undefined;
    expect((await ask(credential)).status).toBe(200);
    expect(provider.preimageProvesPayment).toBe(true);
    expect(() => createAlby({ url, preimageProvesPayment: "no" as never })).toThrow(/preimageProvesPayment/);
  });

  it("creates and looks up with one encrypted request each", async () => {
    relay.requests.length = 0;
    const invoice = await provider.createInvoice(ORDER);
    await provider.lookupInvoice(invoice);
    expect(relay.requests).toHaveLength(2);
    for (const { content, tags } of relay.requests) {
      expect(content).not.toMatch(/invoice|amount|tea/);
      expect(tags).toContainEqual(["encryption", "nip44_v2"]);
      const expiration = Number(tags.find(([name]) => name === "expiration")?.[1]);
      expect(expiration * 1000 - Date.now()).toBeLessThanOrEqual(60_000);
    }
  });

  it.each([
    ["settled", { settled_at: 1_790_000_000, state: undefined }, { status: "settled" }],
    ["settled", { settled_at: 1_790_000_000 }, { status: "settled", settledAt: new Date(1_790_000_000_000) }],
    ["pending", { state: undefined }, { status: "open" }],
    ["accepted", { state: "accepted" }, { status: "open" }],
    ["failed", { state: "failed" }, { status: "canceled" }],
    ["pending", { invoice: undefined, description: undefined }, { status: "open" }],
  ])("reads an invoice that is %s and has %j", async (stage, change, expected) => {
    const invoice = await provider.createInvoice(ORDER);
    if (stage === "settled") lightning.settle(invoice.paymentHash);
    state.trap = (_, result) => ({ ...result, ...change });
    expect(await provider.lookupInvoice(invoice)).toMatchObject(expected);
  });

  it("is not paid by an outgoing payment with its hash", async () => {
    const invoice = await provider.createInvoice(ORDER);
    lightning.settle(invoice.paymentHash);
    state.trap = (_, result) => ({ ...result, type: "outgoing" });
    await expect(provider.lookupInvoice(invoice)).rejects.toMatchObject({ code: "PROVIDER_REJECTED" });
  });

  it.each([
    ["another payment", { payment_hash: "ab".repeat(32) }],
    ["no payment hash", { payment_hash: undefined }],
    ["a new state", { state: "SETTLED" }],
    ["a word that every object knows", { state: "constructor" }],
    ["no type", { type: undefined }],
  ])("does not believe an answer about %s", async (_, change) => {
    const invoice = await provider.createInvoice(ORDER);
    lightning.settle(invoice.paymentHash);
    state.trap = (_, result) => ({ ...result, ...change });
    await expect(provider.lookupInvoice(invoice)).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });

  it.each([
    ["an empty text", ""],
    ["zeros", "0".repeat(64)],
    ["null", null],
    ["another one", "ab".repeat(32)],
  ])("knows no preimage where the wallet answers %s", async (_, preimage) => {
    const invoice = await provider.createInvoice(ORDER);
    lightning.settle(invoice.paymentHash);
    state.trap = (_, result) => ({ ...result, preimage, settled_at: undefined });
    expect(await provider.lookupInvoice(invoice)).toEqual({ status: "settled" });
  });

  it("hands out no preimage before the payment, and tells it afterwards", async () => {
    const invoice = await provider.createInvoice(ORDER);
    state.trap = (_, result) => ({ ...result, preimage: "ab".repeat(32) });
    expect(await provider.lookupInvoice(invoice)).toEqual({ status: "open" });
    state.trap = undefined;
    const preimage = lightning.settle(invoice.paymentHash);
    expect(await provider.lookupInvoice(invoice)).toMatchObject({ status: "settled", preimage });
  });

  it.each([
    ["RATE_LIMITED", "PROVIDER_RATE_LIMITED", true],
    ["UNAUTHORIZED", "PROVIDER_UNAUTHORIZED", false],
    ["RESTRICTED", "PROVIDER_UNAUTHORIZED", false],
    ["EXPIRED", "PROVIDER_UNAUTHORIZED", false],
    ["NOT_IMPLEMENTED", "PROVIDER_REJECTED", false],
    ["INTERNAL", "PROVIDER_BAD_RESPONSE", true],
    ["something else", "PROVIDER_BAD_RESPONSE", true],
  ])("reads the wallet's %s as %s", async (refusal, code, retryable) => {
    state.refuse = refusal;
    await expect(provider.createInvoice(ORDER)).rejects.toMatchObject({ code, retryable, fundsMoved: "no" });
    await expect(provider.lookupInvoice({ paymentHash: "ab".repeat(32) })).rejects.toMatchObject({ code });
  });

  it.each([
    ["another amount", { amountMsat: 22_000 }],
    ["another hash", {}],
  ])("refuses an invoice with %s", async (_, change) => {
    const { bolt11: invoice } = await lightning.provider.createInvoice({ ...ORDER, ...change });
    state.trap = (_, result) => ({ ...result, invoice });
    await expect(provider.createInvoice(ORDER)).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });

  it("takes a client of the SDK in place of a connection secret, and leaves it open", async () => {
    const client = new hub.NWCClient({ nostrWalletConnectUrl: url });
    const other = createAlby({ client });
    const invoice = await other.createInvoice(ORDER);
    expect(await other.lookupInvoice(invoice)).toEqual({ status: "open" });
    expect(client.connected).toBe(true);
    client.close();
  });

  it("takes a client of another make", async () => {
    const calls: unknown[] = [];
    const invoice = await lightning.provider.createInvoice(ORDER);
    const result = { invoice: invoice.bolt11, payment_hash: invoice.paymentHash, type: "incoming", state: "pending" };
    const answer = async (request: unknown) => {
      calls.push(request);
      return result;
    };
    const own = createAlby({ client: { makeInvoice: answer, lookupInvoice: answer, payInvoice: answer } });
    expect(await own.createInvoice(ORDER)).toMatchObject({ bolt11: invoice.bolt11 });
    expect(await own.lookupInvoice(invoice)).toEqual({ status: "open" });
    expect(calls).toEqual([
      { amount: 21_000, description: "One cup of tea", expiry: 600 },
      { payment_hash: invoice.paymentHash },
    ]);
  });
});
