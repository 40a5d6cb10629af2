import { randomBytes } from "node:crypto";
import { describeWallet } from "@l402/testing";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { createLnd, createLndWallet } from "../src/index.ts";
import { BUYER_MACAROON, fakeLnd, NOT_UP, SELLER_MACAROON } from "./fake-lnd.ts";

const lnd = await fakeLnd();
const { lightning } = lnd;
const options = { url: lnd.url, macaroon: BUYER_MACAROON, timeoutSeconds: 2 };
const wallet = createLndWallet(options);
const order = { amountMsat: 21_000, description: "One cup of tea", expiresInSeconds: 600 };
const newInvoice = (amountMsat = 21_000) => lightning.provider.createInvoice({ ...order, amountMsat });
const pay = (bolt11: string, more = {}) => wallet.payInvoice({ bolt11, maxFeeMsat: 10_000, ...more });
const routesAfter = (before: number) =>
  lnd.exchanges.slice(before).map(({ route }) => route.replace(/track\/.*/, "track"));

afterAll(lnd.close);
afterEach(() => {
  vi.useRealTimers();
  lnd.state.next = undefined;
  lnd.state.notUp = undefined;
});

describeWallet(
  { describe, it },
  {
    name: "LND",
    create: () => createLndWallet(options),
    invoice: async ({ amountMsat }) => (await newInvoice(amountMsat)).bolt11,
    async expiredInvoice() {
      const { bolt11, expiresAt } = await newInvoice();
      lnd.clock.set(new Date(expiresAt.getTime() + 1000));
      return bolt11;
    },
    async amountlessInvoice() {
      lightning.next("createInvoice", "amountless");
      return (await newInvoice()).bolt11;
    },
    costlyInvoice: async () => ({ bolt11: (await newInvoice()).bolt11, feeMsat: lnd.feeMsat }),
    spentMsat: () => 1_000_000_000 - lightning.balanceMsat,
    loseNextAnswer: lnd.loseNextAnswer,
    delayNextOrder: lnd.delayNextOrder,
    breakBackend: lnd.breakBackend,
    hangBackend: lnd.hangBackend,
    secrets: [BUYER_MACAROON],
  },
);

const said = (message: string) => JSON.stringify({ error: { code: 2, message, details: [] } });

describe("createLndWallet", () => {
  it("refuses a wrong option, by the name of its own factory", () => {
    expect(() => createLndWallet({ ...options, macaroon: "" })).toThrow("createLndWallet: macaroon");
    expect(() => createLndWallet({ ...options, privateRouteHints: true } as never)).toThrow("privateRouteHints");
  });

  it.each([(bolt11: string) => `LIGHTNING:${bolt11.toUpperCase()}`, (bolt11: string) => ` ${bolt11}\n`])(
    "pays what a QR code or a copied text holds",
    async (formOf) => {
      expect(await pay(formOf((await newInvoice()).bolt11))).toMatchObject({ status: "paid" });
    },
  );

  it("tells what is in its channels, and no number that LND did not say", async () => {
    expect(await wallet.balanceMsat()).toBe(lightning.balanceMsat);
    await pay((await newInvoice()).bolt11);
    expect(await wallet.balanceMsat()).toBe(lightning.balanceMsat);
    for (const answer of [
      {},
      { local_balance: {} },
      { local_balance: { msat: "-1" } },
      { local_balance: { msat: "1e9" } },
    ]) {
      lnd.state.next = () => answer;
      await expect(wallet.balanceMsat()).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
    }
  });

  it("needs one request to pay, always with the fee limit", async () => {
    const before = lnd.exchanges.length;
    const { bolt11 } = await newInvoice();
    await pay(bolt11, { maxFeeMsat: 1_234, timeoutSeconds: 2.5 });
    expect(routesAfter(before)).toEqual(["POST /v2/router/send"]);
    expect(lnd.exchanges.at(-1)?.request).toEqual({
      payment_request: bolt11,
      fee_limit_msat: "1234",
      timeout_seconds: 3,
      no_inflight_updates: true,
    });
  });

  it("asks what became of a payment that LND calls a repeated one", async () => {
    const { bolt11 } = await newInvoice();
    const paid = await pay(bolt11);
    const before = lnd.exchanges.length;
    expect(await pay(bolt11)).toEqual(paid);
    expect(routesAfter(before)).toEqual(["POST /v2/router/send", "GET /v2/router/track"]);
  });

  it("asks what became of an expired invoice, which may have been paid before", async () => {
    const { bolt11, expiresAt } = await newInvoice();
    const paid = await pay(bolt11);
    const { bolt11: unpaid } = await newInvoice();
    lnd.clock.set(new Date(expiresAt.getTime() + 1000));
    expect(await pay(bolt11)).toEqual(paid);
    expect(lnd.exchanges.at(-2)?.answers).toMatchObject([{ error: { message: expect.stringContaining("expired") } }]);
    expect(await pay(unpaid)).toEqual({ status: "failed", reason: "The invoice has expired." });
  });

  it.each([
    ["a proxy's page with LND's words", 500, "<h1>permission denied</h1>", "unknown"],
    ["a proxy's JSON with LND's words", 502, said("permission denied"), "unknown"],
    ["no permission", 500, said("permission denied"), "PROVIDER_UNAUTHORIZED"],
    ["its own invoice", 500, said("self-payments not allowed"), "PROVIDER_REJECTED"],
    ["another network", 500, said("invoice not for current active network 'regtest'"), "PROVIDER_REJECTED"],
  ])("takes only JSON with its HTTP status for LND's refusal: %s", async (_, status, body, outcome) => {
    const { bolt11 } = await newInvoice();
    const wallet = createLndWallet({ ...options, fetch: async () => new Response(body, { status }) });
    const attempt = wallet.payInvoice({ bolt11, maxFeeMsat: 10_000 }).then(
      ({ status }) => status,
      ({ code, fundsMoved }) => fundsMoved === "no" && code,
    );
    expect(await attempt).toBe(outcome);
  });

  it("does not know what became of a repeated payment that it cannot look up", async () => {
    const { bolt11 } = await newInvoice();
    await pay(bolt11);
    const refused = createLndWallet({
      ...options,
      async fetch(input, init) {
        if (String(input).includes("/track/")) return new Response("", { status: 403 });
        return fetch(input, init);
      },
    });
    expect(await refused.payInvoice({ bolt11, maxFeeMsat: 10_000 })).toMatchObject({ status: "unknown" });
  });

  it("does not wait for the end of a payment in flight when it looks it up", async () => {
    const { bolt11, paymentHash } = await newInvoice();
    lightning.next("payInvoice", "unknown-stuck");
    const caller = new AbortController();
    const attempt = pay(bolt11, { signal: caller.signal });
    await expect.poll(() => lightning.payments.some((each) => each.paymentHash === paymentHash)).toBe(true);
    const inFlight = { status: "unknown", reason: "LND has not finished the payment." };
    expect(await wallet.lookupPayment(paymentHash)).toEqual(inFlight);
    expect(await pay(bolt11)).toEqual(inFlight);
    lnd.state.next = () => ({ result: { status: "INITIATED", payment_hash: paymentHash } });
    expect(await wallet.lookupPayment(paymentHash)).toEqual(inFlight);
    caller.abort();
    expect(await attempt).toMatchObject({ status: "unknown" });
    lightning.settle(paymentHash);
    expect(await wallet.lookupPayment(paymentHash)).toMatchObject({ status: "paid" });
  });

  it.each([["0".repeat(64)], [""], [null], [randomBytes(32).toString("hex")]])(
    "does not call a payment paid with %j for a preimage",
    async (payment_preimage) => {
      const { bolt11 } = await newInvoice();
      lnd.state.next = (answer) => ({ result: { ...(answer as { result: object }).result, payment_preimage } });
      expect(await pay(bolt11)).toMatchObject({ status: "unknown" });
    },
  );

  it.each([
    ["a cut-off line", '{"result":{"status":"FAILED","paym'],
    ["the failure of another payment", { result: { status: "FAILED", payment_hash: "ab".repeat(32) } }],
    ["a status that it does not know", { result: { status: "LOST", payment_hash: "ab".repeat(32) } }],
    ["an error in the stream", { error: { code: 2, message: "router shutting down", details: [] } }],
    ["that it never heard of what it just paid", { error: { code: 5, message: "payment isn't initiated" } }],
  ])("does not know the outcome when LND answers %s", async (_, line) => {
    const { bolt11, paymentHash } = await newInvoice();
    lnd.state.next = () => line;
    expect(await pay(bolt11)).toMatchObject({ status: "unknown" });
    expect(await wallet.lookupPayment(paymentHash)).toMatchObject({ status: "paid" });
  });

  it("takes no other 404 for not-found", async () => {
    const { bolt11, paymentHash } = await newInvoice();
    await pay(bolt11);
    // The gateway's own answer to a wrong path has the same code.
    const elsewhere = createLndWallet({ ...options, url: `${lnd.url}/lnd` });
    await expect(elsewhere.lookupPayment(paymentHash)).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
    for (const error of [
      { code: 5, message: "not found" },
      { code: "5", message: "payment isn't initiated" },
    ]) {
      lnd.state.next = () => ({ error });
      await expect(wallet.lookupPayment(paymentHash)).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
    }
  });

  it.each([
    ["no route", /no route/, async () => (await newInvoice()).bolt11, { maxFeeMsat: 0 }],
    ["too little balance", /too little balance/, async () => (await newInvoice(5_000_000_000)).bolt11, {}],
  ])("says why a payment failed: %s", async (_, reason, invoice, more) => {
    expect(await pay(await invoice(), more)).toEqual({ status: "failed", reason: expect.stringMatching(reason) });
  });

  it("does not repeat what LND says, whatever the reason is", async () => {
    const { bolt11, paymentHash } = await newInvoice();
    lnd.state.next = () => ({
      result: { status: "FAILED", payment_hash: paymentHash, failure_reason: `of ${BUYER_MACAROON}` },
    });
    expect(await pay(bolt11)).toEqual({ status: "failed", reason: "LND reports that the payment failed." });
  });

  it("rejects what LND refuses to begin, with what to do about it", async () => {
    const { bolt11 } = await newInvoice();
    for (const macaroon of [SELLER_MACAROON, BUYER_MACAROON.slice(0, -20), `${BUYER_MACAROON}00`, "ab".repeat(40)]) {
      const refused = createLndWallet({ ...options, macaroon });
      await expect(refused.payInvoice({ bolt11, maxFeeMsat: 10_000 })).rejects.toMatchObject({
        code: "PROVIDER_UNAUTHORIZED",
        fundsMoved: "no",
      });
    }
    for (const words of NOT_UP) {
      lnd.state.notUp = words;
      await expect(pay(bolt11)).rejects.toMatchObject({ code: "PROVIDER_UNREACHABLE", fundsMoved: "no" });
    }
  });

  it("has paid nothing twice so far", () => {
    const paid = lightning.payments.filter(({ status }) => status === "paid");
    const spentMsat = paid.reduce((sum, { amountMsat, feeMsat }) => sum + amountMsat + feeMsat, 0);
    expect(1_000_000_000 - lightning.balanceMsat).toBe(spentMsat);
    expect(createLnd({ url: lnd.url, macaroon: SELLER_MACAROON }).name).toBe(wallet.name);
  });
});
