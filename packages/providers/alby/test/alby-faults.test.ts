import { describe, expect, it, vi } from "vitest";
import { WebSocketServer } from "ws";
import { createAlby, createAlbyWallet } from "../src/index.ts";
import { fakeAlbyHub } from "./fake-alby-hub.ts";
import { REPLY, type RelayEvent } from "./nwc-relay.ts";

const hub = await fakeAlbyHub();
const { url, relay, lightning, keys, service } = hub;
const ORDER = { amountMsat: 21_000, description: "One cup of tea", expiresInSeconds: 600 };

const newInvoice = () => lightning.provider.createInvoice(ORDER);
const paying = async (wallet = createAlbyWallet({ url, timeoutSeconds: 0.5 }), changes = {}) => {
  const { bolt11, paymentHash } = await newInvoice();
  const payment = wallet.payInvoice({ bolt11, maxFeeMsat: 10_000, timeoutSeconds: 0.5, ...changes });
  return { payment, paymentHash };
};
const isOpen = (paymentHash: string) => lightning.payments.every((payment) => payment.paymentHash !== paymentHash);

describe("a relay in trouble", () => {
  it("cannot be reached: nothing was sent", async () => {
    const repair = await relay.breakBackend();
    const error = {
      code: "PROVIDER_UNREACHABLE",
      retryable: true,
      fundsMoved: "no",
      hint: expect.stringContaining("relay"),
    };
    await expect(createAlby({ url }).createInvoice(ORDER)).rejects.toMatchObject(error);
    const { payment } = await paying();
    await expect(payment).rejects.toMatchObject(error);
    await repair();
  });

  it("takes the connection and says nothing: nothing was sent", async () => {
    const repair = relay.hangBackend();
    const { payment } = await paying();
    await expect(payment).rejects.toMatchObject({ code: "PROVIDER_TIMEOUT", retryable: true, fundsMoved: "no" });
    repair();
  });

  it("is one of two relays, and the other one works: sells and pays in time", async () => {
    const silent = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    await new Promise((resolve) => silent.once("listening", resolve));
    const { port } = silent.address() as { port: number };
    for (const other of [`ws://127.0.0.1:${port}`, "ws://127.0.0.1:9"]) {
      const two = url.replace("?relay=", `?relay=${encodeURIComponent(other)}&relay=`);
      // Less than a paywall waits.
      await createAlby({ url: two, timeoutSeconds: 2 }).createInvoice(ORDER);
      const { payment } = await paying(createAlbyWallet({ url: two, timeoutSeconds: 2 }), { timeoutSeconds: 2 });
      expect(await payment).toMatchObject({ status: "paid" });
    }
    for (const client of silent.clients) client.terminate();
    silent.close();
  });

  it("falls silent later: the outcome is unknown", async () => {
    const wallet = createAlbyWallet({ url, timeoutSeconds: 0.5 });
    await wallet.lookupPayment("ab".repeat(32));
    const repair = relay.hangBackend();
    expect(await (await paying(wallet)).payment).toMatchObject({ status: "unknown" });
    repair();
  });

  it("hangs up in the middle: the outcome is unknown, and the next call works", async () => {
    const wallet = createAlbyWallet({ url, timeoutSeconds: 2 });
    relay.state.intercept = (event) => {
      if (event.kind === REPLY) relay.hangUp();
      return event.kind === REPLY ? undefined : event;
    };
    const { payment, paymentHash } = await paying(wallet);
    expect(await payment).toMatchObject({ status: "unknown" });
    relay.state.intercept = undefined;
    expect(await wallet.lookupPayment(paymentHash)).toMatchObject({ status: "paid" });
  });

  it("is believed nothing that the wallet did not sign, and no answer to another request", async () => {
    let first: RelayEvent | undefined;
    relay.state.intercept = (event) => {
      first ??= event.kind === REPLY ? event : undefined;
      return event;
    };
    await createAlby({ url }).createInvoice(ORDER);
    const provider = createAlby({ url, timeoutSeconds: 0.5 });
    for (const forgery of [
      (event: RelayEvent) => ({ ...event, content: first?.content ?? "" }),
      (event: RelayEvent) => ({ ...event, pubkey: event.tags[0]?.[1] ?? "" }),
      () => first,
      (event: RelayEvent) => ({ ...(first as RelayEvent), tags: event.tags }),
    ]) {
      relay.state.intercept = (event) => (event.kind === REPLY ? forgery(event) : event);
      const { payment } = await paying();
      await expect(provider.createInvoice(ORDER)).rejects.toMatchObject({ code: "PROVIDER_TIMEOUT" });
      expect(await payment).toMatchObject({ status: "unknown" });
    }
  });
});

describe("a wallet in trouble", () => {
  it("does not answer whoever has a wrong secret, and the error names none", async () => {
    const secret = "7".repeat(64);
    const wrong = hub.urlOf(secret);
    const call = createAlby({ url: wrong, timeoutSeconds: 0.5 }).createInvoice(ORDER);
    await expect(call).rejects.toMatchObject({ code: "PROVIDER_TIMEOUT", hint: expect.stringContaining("connection") });
    await expect(call).rejects.not.toThrow(secret);
    const { payment, paymentHash } = await paying(createAlbyWallet({ url: wrong, timeoutSeconds: 0.5 }));
    expect(await payment).toMatchObject({ status: "unknown" });
    expect(isOpen(paymentHash)).toBe(true);
  });

  it("changes its encryption, and is asked in the new one without a restart", async () => {
    const supports = async (encryption: string) => {
      const tags = [["encryption", encryption]];
      const info = { kind: 13194, tags, created_at: Math.floor(Date.now() / 1000), content: "make_invoice" };
      await relay.publish(await service.signEvent(info, hub.walletSecret));
    };
    const provider = createAlby({ url });
    const encryption = () => relay.requests.at(-1)?.tags.find(([name]) => name === "encryption")?.[1];
    await supports("nip04");
    await provider.createInvoice(ORDER);
    expect(encryption()).toBe("nip04");
    await supports("nip44_v2");
    hub.state.refuse = "UNSUPPORTED_ENCRYPTION";
    await expect(provider.createInvoice(ORDER)).rejects.toMatchObject({ code: "PROVIDER_REJECTED" });
    hub.state.refuse = undefined;
    await provider.createInvoice(ORDER);
    expect(encryption()).toBe("nip44_v2");
  });

  it("is unknown to the relay", async () => {
    const stranger = createAlby({ url: hub.urlOf(hub.clientSecret, undefined, "ab".repeat(32)) });
    const error = {
      code: "PROVIDER_UNREACHABLE",
      message: expect.stringContaining("has no information about the wallet"),
    };
    await expect(stranger.createInvoice(ORDER)).rejects.toMatchObject(error);
  });

  // The SDK itself would end the process at the first three.
  it.each([
    ["what nobody can decrypt", undefined],
    ["null", "null"],
    ["a number", "42"],
    ["no JSON", "<html>"],
    ["half of it", '{"result":{"preimage":'],
    ["an empty object", "{}"],
    ["a list", "[]"],
    ["an empty result", '{"result":{}}'],
    ["a text as its result", '{"result":"paid"}'],
    ["a text as its error", '{"error":"no"}'],
    ["a strange code", '{"error":{"code":{"a":1},"message":7}}'],
  ])("answers garbage: %s", async (_, text) => {
    relay.state.intercept = async (event) => {
      if (event.kind !== REPLY) return event;
      const content = text === undefined ? "garbage" : await service.encrypt(keys, text, "nip44_v2");
      const { tags, created_at } = event;
      return service.signEvent({ kind: REPLY, tags, created_at, content }, hub.walletSecret);
    };
    const provider = createAlby({ url, timeoutSeconds: 1 });
    const error = { code: "PROVIDER_BAD_RESPONSE", fundsMoved: "no" };
    await expect(provider.createInvoice(ORDER)).rejects.toMatchObject(error);
    await expect(provider.lookupInvoice({ paymentHash: "ab".repeat(32) })).rejects.toMatchObject(error);
    const wallet = createAlbyWallet({ url, timeoutSeconds: 1 });
    const { payment, paymentHash } = await paying(wallet);
    expect(await payment).toMatchObject({ status: "unknown" });
    await expect(wallet.lookupPayment(paymentHash)).rejects.toMatchObject(error);
    relay.state.intercept = undefined;
    expect(await wallet.lookupPayment(paymentHash)).toMatchObject({ status: "paid" });
  });
});

describe("a payment that its caller has given up", () => {
  it("is not sent later, when the connection is there", async () => {
    const client = new hub.NWCClient({ nostrWalletConnectUrl: url });
    let connect = () => {};
    const slow = new Promise<void>((resolve) => {
      connect = resolve;
    });
    const { getWalletServiceInfo } = client;
    client.getWalletServiceInfo = async () => {
      await slow;
      return getWalletServiceInfo.call(client);
    };
    relay.requests.length = 0;
    const caller = new AbortController();
    const wallet = createAlbyWallet({ client, timeoutSeconds: 1 });
    const { payment, paymentHash } = await paying(wallet, { signal: caller.signal });
    caller.abort();
    await expect(payment).rejects.toMatchObject({ code: "PROVIDER_TIMEOUT", fundsMoved: "no" });
    connect();
    // The same client is ready for others by then.
    expect(await wallet.lookupPayment(paymentHash)).toEqual({ status: "not-found" });
    expect(relay.requests).toHaveLength(1);
    client.close();
  });

  it("is unknown when it was sent", async () => {
    const wallet = createAlbyWallet({ url, timeoutSeconds: 1 });
    const caller = new AbortController();
    relay.state.intercept = (event) => {
      caller.abort();
      return event;
    };
    const { payment, paymentHash } = await paying(wallet, { signal: caller.signal });
    expect(await payment).toMatchObject({ status: "unknown" });
    expect(await wallet.lookupPayment(paymentHash)).toMatchObject({ status: "paid" });
  });
});

describe("the connection", () => {
  it("is opened when it is needed, shared, and closed when nobody needs it", async () => {
    relay.hangUp();
    await vi.waitFor(() => expect(relay.connections()).toBe(0));
    const provider = createAlby({ url });
    expect(relay.connections()).toBe(0);
    await Promise.all([provider.createInvoice(ORDER), provider.createInvoice(ORDER)]);
    await provider.createInvoice(ORDER);
    expect(relay.connections()).toBe(1);
    await vi.waitFor(() => expect(relay.connections()).toBe(0), { timeout: 10_000 });
    await provider.createInvoice(ORDER);
    expect(relay.connections()).toBe(1);
  });
});
