import { describeBackend, describeProvider } from "@l402/testing";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { createBlink } from "../src/index.ts";
import { apiKey, fakeBlink, walletId } from "./fake-blink.ts";

const blink = await fakeBlink();
const { options, state, lightning } = blink;
afterAll(blink.close);
afterEach(() => {
  Object.assign(state, { trap: undefined, scopes: ["READ", "RECEIVE", "WRITE"], invoicesLeft: 6000, requests: [] });
});

describeProvider(
  { describe, it },
  {
    name: "Blink",
    network: "regtest",
    create: () => createBlink(options),
    settle: (invoice) => lightning.settle(invoice.paymentHash),
    expire: (invoice) => blink.clock.set(invoice.expiresAt),
    breakBackend: blink.breakBackend,
    hangBackend: blink.hangBackend,
    clock: blink.clock,
    secrets: [apiKey],
  },
);

describeBackend(
  { describe, it },
  {
    name: "Blink",
    provider: ({ url, timeoutSeconds }) => createBlink({ ...options, url, timeoutSeconds }),
    secrets: [apiKey],
  },
);

const order = { amountMsat: 21_000, description: "One cup of tea", expiresInSeconds: 600 };
const provider = createBlink(options);

describe("createBlink", () => {
  it("is content with the scope RECEIVE", async () => {
    state.scopes = ["RECEIVE"];
    const invoice = await provider.createInvoice(order);
    expect((await provider.lookupInvoice(invoice)).status).toBe("open");
  });

  it("asks Blink unless it is told otherwise", async () => {
    const asked: string[] = [];
    const fetch = async (url: unknown) => {
      asked.push(String(url));
      return Response.json({});
    };
    const { apiKey, walletId } = options;
    await expect(createBlink({ apiKey, walletId, fetch }).createInvoice(order)).rejects.toThrow();
    expect(asked).toEqual(["https://api.blink.sv/graphql"]);
  });

  it("asks once to create and once to look up", async () => {
    await provider.lookupInvoice(await provider.createInvoice(order));
    expect(state.requests).toHaveLength(2);
  });

  it.each([
    [30, 1],
    [60, 1],
    [61, 2],
    [600, 10],
    [86_400, 1440],
    [7 * 86_400, 1440],
  ])("sends %i s as %i min, because Blink takes four hours for what is out of its range", async (seconds, minutes) => {
    const { expiresAt } = await provider.createInvoice({ ...order, expiresInSeconds: seconds });
    expect(state.requests[0]?.variables).toMatchObject({ input: { expiresIn: minutes } });
    expect(expiresAt.getTime()).toBe(blink.clock().getTime() + minutes * 60_000);
  });

  it("refuses fractions of a sat, which Blink would cut off", async () => {
    await expect(provider.createInvoice({ ...order, amountMsat: 1_500 })).rejects.toMatchObject({
      code: "PROVIDER_REJECTED",
    });
    expect(state.requests).toEqual([]);
  });

  it.each([
    ["TOO_MANY_REQUEST", "PROVIDER_RATE_LIMITED", { retryable: true, retryAfterSeconds: 300 }],
    ["RECEIVE_DISABLED", "PROVIDER_REJECTED", { retryable: false, hint: expect.stringContaining("another backend") }],
    ["NOT_AUTHENTICATED", "PROVIDER_UNAUTHORIZED", { retryable: false }],
    ["LND_OFFLINE", "PROVIDER_UNREACHABLE", { retryable: true }],
    ["INVALID_INPUT", "PROVIDER_REJECTED", { hint: expect.stringContaining("walletId") }],
    ["SOMETHING_NEW", "PROVIDER_BAD_RESPONSE", { retryable: true }],
  ])("reads the error %s at both levels of a 200 as %s", async (vendorCode, code, more) => {
    const message = `about ${apiKey}`;
    const levels = [
      { data: { lnInvoiceCreate: { invoice: null, errors: [{ code: vendorCode, message }] } } },
      { data: null, errors: [{ message, extensions: { code: vendorCode } }] },
      { data: null, errors: [{ message, code: vendorCode }] },
    ];
    for (const level of levels) {
      state.trap = () => level;
      const error = await provider.createInvoice(order).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code, fundsMoved: "no", ...more });
      expect(String((error as Error).message)).not.toContain(apiKey);
    }
  });

  it("hits Blink's own limit of invoices as an error that says when to come back", async () => {
    state.invoicesLeft = 0;
    await expect(provider.createInvoice(order)).rejects.toMatchObject({ code: "PROVIDER_RATE_LIMITED" });
  });

  it("stops before Blink blocks the account, and goes on as soon as a minute has passed", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      const provider = createBlink(options);
      for (let i = 0; i < 50; i++) {
        await provider.createInvoice(order);
        vi.advanceTimersByTime(100);
      }
      const refused = { code: "PROVIDER_RATE_LIMITED", retryable: true, fundsMoved: "no", retryAfterSeconds: 55 };
      await expect(provider.createInvoice(order)).rejects.toMatchObject(refused);
      expect(state.requests).toHaveLength(50);
      vi.advanceTimersByTime(55_000);
      await provider.createInvoice(order);
      await expect(provider.createInvoice(order)).rejects.toMatchObject({ retryAfterSeconds: 1 });
    } finally {
      vi.useRealTimers();
    }
  });

  it("does not take data for an answer that has errors beside it", async () => {
    const invoice = await provider.createInvoice(order);
    state.trap = (body) => ({ ...(body as object), errors: [{ message: "late" }] });
    await expect(provider.lookupInvoice(invoice)).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });

  it.each([
    ["zeros", "0".repeat(64)],
    ["an empty text", ""],
    ["null", null],
    ["another one", "ab".repeat(32)],
  ])("reports a paid invoice without its preimage where that is %s", async (_, paymentPreimage) => {
    const invoice = await provider.createInvoice(order);
    const { paymentHash } = invoice;
    state.trap = () => ({ data: { lnInvoicePaymentStatusByHash: { status: "PAID", paymentHash, paymentPreimage } } });
    expect(await provider.lookupInvoice(invoice)).toEqual({ status: "settled" });
  });

  it("hands out no preimage that comes before the payment, and tells it afterwards", async () => {
    const { paymentHash } = await provider.createInvoice(order);
    const paymentPreimage = lightning.settle(paymentHash);
    expect(await provider.lookupInvoice({ paymentHash })).toEqual({ status: "settled", preimage: paymentPreimage });
    for (const status of ["PENDING", "EXPIRED"]) {
      state.trap = () => ({ data: { lnInvoicePaymentStatusByHash: { status, paymentHash, paymentPreimage } } });
      expect(await provider.lookupInvoice({ paymentHash })).not.toHaveProperty("preimage");
    }
  });

  it("refuses the state of another invoice, and states that it does not know", async () => {
    const { paymentHash } = await provider.createInvoice(order);
    for (const changed of [
      { status: "PAID", paymentHash: "ab".repeat(32) },
      { status: "REFUNDED", paymentHash },
    ]) {
      state.trap = () => ({ data: { lnInvoicePaymentStatusByHash: changed } });
      await expect(provider.lookupInvoice({ paymentHash })).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
    }
  });

  it("says that the key is wrong", async () => {
    const stranger = createBlink({ ...options, apiKey: "blink_another_key" });
    await expect(stranger.createInvoice(order)).rejects.toMatchObject({ code: "PROVIDER_UNAUTHORIZED" });
  });

  it.each([
    ["apiKey", { apiKey: "" }],
    ["apiKey", { apiKey: "two words and more" }],
    ["walletId", { walletId: "my wallet" }],
    ["url", { url: "http://api.blink.sv/graphql" }],
    ["timeoutSeconds", { timeoutSeconds: 0 }],
    ["walletID", { walletID: walletId }],
  ])("refuses a wrong %s at once", (name, wrong) => {
    const create = () => createBlink({ ...options, ...(wrong as object) });
    expect(create).toThrow(expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining(name) }));
  });

  it("needs no url", () => {
    expect(createBlink({ apiKey, walletId }).name).toBe("blink");
  });
});
