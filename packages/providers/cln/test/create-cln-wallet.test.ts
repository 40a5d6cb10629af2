import { randomBytes } from "node:crypto";
import { describeWallet } from "@l402/testing";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { createClnWallet } from "../src/index.ts";
import { BUYER_RUNE, fakeCln, fault, SELLER_RUNE } from "./fake-cln.ts";

const cln = await fakeCln();
const { lightning, state } = cln;
const options = { url: cln.url, rune: BUYER_RUNE, timeoutSeconds: 2 };
const wallet = createClnWallet(options);
const order = { amountMsat: 21_000, description: "One cup of tea", expiresInSeconds: 600 };
const newInvoice = (amountMsat = 21_000) => lightning.provider.createInvoice({ ...order, amountMsat });
const pay = (bolt11: string, more = {}) => wallet.payInvoice({ bolt11, maxFeeMsat: 10_000, ...more });
const methodsAfter = (before: number) => cln.exchanges.slice(before).map(({ method }) => method);
const inFlight = (hash: string) => lightning.payments.some((each) => each.paymentHash === hash);

afterAll(cln.close);
afterEach(() => {
  vi.useRealTimers();
  Object.assign(state, { next: undefined, hasXpay: true, wrapsErrors: false, giveUp: undefined });
});

for (const hasXpay of [true, false]) {
  describeWallet(
    { describe, it },
    {
      name: hasXpay ? "CLN" : "CLN before 24.11",
      create() {
        state.hasXpay = hasXpay;
        return createClnWallet(options);
      },
      invoice: async ({ amountMsat }) => (await newInvoice(amountMsat)).bolt11,
      async expiredInvoice() {
        const { bolt11, expiresAt } = await newInvoice();
        cln.clock.set(new Date(expiresAt.getTime() + 1000));
        return bolt11;
      },
      async amountlessInvoice() {
        lightning.next("createInvoice", "amountless");
        return (await newInvoice()).bolt11;
      },
      costlyInvoice: async () => ({ bolt11: (await newInvoice()).bolt11, feeMsat: cln.feeMsat }),
      spentMsat: () => 1_000_000_000 - lightning.balanceMsat,
      loseNextAnswer: cln.loseNextAnswer,
      delayNextOrder: cln.delayNextOrder,
      breakBackend: cln.breakBackend,
      hangBackend: cln.hangBackend,
      secrets: [BUYER_RUNE],
    },
  );
}

describe("createClnWallet", () => {
  it("refuses a wrong option, by the name of its own factory", () => {
    expect(() => createClnWallet({ ...options, rune: "" })).toThrow("createClnWallet: rune");
    expect(() => createClnWallet({ ...options, onWarning() {} } as never)).toThrow("onWarning");
  });

  it.each([(bolt11: string) => `LIGHTNING:${bolt11.toUpperCase()}`, (bolt11: string) => ` ${bolt11}\n`])(
    "pays what a QR code or a copied text holds",
    async (formOf) => {
      expect(await pay(formOf((await newInvoice()).bolt11))).toMatchObject({ status: "paid" });
    },
  );

  it("needs one request to pay, always with the fee limit", async () => {
    const before = cln.exchanges.length;
    const { bolt11 } = await newInvoice();
    await pay(bolt11, { maxFeeMsat: 1_234, timeoutSeconds: 2.5 });
    expect(methodsAfter(before)).toEqual(["xpay"]);
    expect(cln.exchanges.at(-1)?.params).toEqual({ invstring: bolt11, maxfee: 1_234, retry_for: 3 });
  });

  it("pays with pay where there is no xpay", async () => {
    for (const wrapsErrors of [false, true]) {
      Object.assign(state, { hasXpay: false, wrapsErrors });
      const before = cln.exchanges.length;
      const { bolt11 } = await newInvoice();
      expect(await pay(bolt11, { timeoutSeconds: 86_400 })).toMatchObject({ status: "paid", feeMsat: cln.feeMsat });
      expect(methodsAfter(before)).toEqual(["xpay", "pay"]);
      expect(cln.exchanges.at(-1)?.params).toEqual({ bolt11, maxfee: 10_000, retry_for: 65_535 });
    }
  });

  it("takes no other 404 for a node without xpay", async () => {
    const { bolt11 } = await newInvoice();
    const before = cln.exchanges.length;
    const elsewhere = createClnWallet({ ...options, url: `${cln.url}/cln` });
    await expect(elsewhere.payInvoice({ bolt11, maxFeeMsat: 0 })).rejects.toMatchObject({ fundsMoved: "no" });
    expect(cln.exchanges).toHaveLength(before + 1);
  });

  it("finds the payment that CLN calls paid before", async () => {
    const { bolt11 } = await newInvoice();
    const paid = await pay(bolt11);
    const before = cln.exchanges.length;
    expect(await createClnWallet(options).payInvoice({ bolt11, maxFeeMsat: 0 })).toEqual(paid);
    expect(methodsAfter(before)).toEqual(["xpay", "listpays"]);
  });

  it.each([218, 219, 200, 201, 202, -3])(
    "does not know what CLN calls repeated (%i) and does not list",
    async (code) => {
      const { bolt11 } = await newInvoice();
      state.giveUp = fault(code, "Already paid");
      lightning.next("payInvoice", "failed");
      expect(await pay(bolt11)).toMatchObject({ status: "unknown" });
    },
  );

  it("does not call a payment failed of which a part is under way", async () => {
    const { bolt11, paymentHash } = await newInvoice();
    lightning.next("payInvoice", "unknown-stuck");
    state.giveUp = fault(209, "Failed after 3 attempts");
    const before = cln.exchanges.length;
    expect(await pay(bolt11)).toEqual({ status: "unknown", reason: "CLN has not finished the payment." });
    expect(methodsAfter(before)).toEqual(["xpay", "listpays"]);
    lightning.settle(paymentHash);
    expect(await wallet.lookupPayment(paymentHash)).toMatchObject({ status: "paid" });
  });

  it("does not call a payment failed that it cannot look up", async () => {
    const { bolt11 } = await newInvoice();
    lightning.next("payInvoice", "failed");
    const blind = createClnWallet({
      ...options,
      async fetch(input, init) {
        if (String(input).endsWith("/listpays")) return new Response("", { status: 401 });
        return fetch(input, init);
      },
    });
    expect(await blind.payInvoice({ bolt11, maxFeeMsat: 10_000 })).toMatchObject({ status: "unknown" });
  });

  it("does not miss a payment that the node is still making", async () => {
    const { bolt11, paymentHash } = await newInvoice();
    let goOn = () => {};
    state.beforeNextPay = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const caller = new AbortController();
    const before = cln.exchanges.length;
    const attempt = pay(bolt11, { signal: caller.signal });
    await expect.poll(() => cln.exchanges.length).toBe(before + 1);
    caller.abort();
    expect(await attempt).toMatchObject({ status: "unknown" });
    // The node has not listed it yet. A buyer who is told "not-found" pays another invoice.
    expect(await wallet.lookupPayment(paymentHash)).toMatchObject({ status: "unknown" });
    state.next = () => ({
      pays: [{ payment_hash: paymentHash, status: "failed", created_at: 1, amount_sent_msat: 1, created_index: 1 }],
    });
    expect(await wallet.lookupPayment(paymentHash)).toMatchObject({ status: "unknown" });
    expect(await pay(bolt11)).toMatchObject({ status: "unknown" });
    goOn();
    await expect.poll(() => inFlight(paymentHash)).toBe(true);
    expect(await wallet.lookupPayment(paymentHash)).toMatchObject({ status: "paid" });
    expect(await pay(bolt11)).toMatchObject({ status: "paid" });
  });

  it("does not call failed after a restart what the node may be trying again", async () => {
    const { bolt11, paymentHash } = await newInvoice();
    lightning.next("payInvoice", "failed");
    expect(await pay(bolt11)).toMatchObject({ status: "failed" });
    // Who has seen the end knows it; another wallet, which comes a moment later, cannot tell it from a pause.
    const now = Math.floor(Date.now() / 1000);
    for (const [times, status] of [
      [{ created_at: now - 59 }, "unknown"],
      [{ created_at: now - 600, completed_at: now - 30 }, "unknown"],
      [{ created_at: now - 70, completed_at: now - 66 }, "failed"],
    ] as const) {
      const restarted = createClnWallet(options);
      state.next = (body) => ({ pays: [{ ...(body as { pays: object[] }).pays[0], ...times }] });
      expect(await restarted.lookupPayment(paymentHash)).toMatchObject({ status });
      state.next = (body) => ({ pays: [{ ...(body as { pays: object[] }).pays[0], ...times }] });
      expect(await wallet.lookupPayment(paymentHash)).toMatchObject({ status: "failed" });
    }
  });

  it("finds after a restart what was paid a moment ago", async () => {
    const { bolt11, paymentHash } = await newInvoice();
    const paid = await pay(bolt11);
    const created_at = Math.floor(Date.now() / 1000);
    state.next = (body) => ({ pays: [{ ...(body as { pays: object[] }).pays[0], created_at }] });
    expect(paid.status).toBe("paid");
    expect(await createClnWallet(options).lookupPayment(paymentHash)).toEqual(paid);
  });

  it("does not take an earlier failure for the outcome of what is only late, after the time for another try", async () => {
    vi.useFakeTimers({ toFake: ["Date", "performance"] });
    const { bolt11, paymentHash } = await newInvoice();
    lightning.next("payInvoice", "failed");
    expect(await pay(bolt11)).toMatchObject({ status: "failed" });
    const arrive = cln.delayNextOrder();
    expect(await pay(bolt11, { timeoutSeconds: 1 })).toMatchObject({ status: "unknown" });
    // The node would have given up, if it had begun at once.
    vi.advanceTimersByTime(70_000);
    expect(await wallet.lookupPayment(paymentHash)).toMatchObject({ status: "unknown" });
    vi.advanceTimersByTime(51_000);
    expect(await wallet.lookupPayment(paymentHash)).toMatchObject({ status: "failed" });
    await arrive();
    expect(await wallet.lookupPayment(paymentHash)).toMatchObject({ status: "paid" });
  });

  it("sends a payment once that is asked for while it is under way", async () => {
    const { bolt11, paymentHash } = await newInvoice();
    lightning.next("payInvoice", "unknown-stuck");
    const before = cln.exchanges.length;
    const caller = new AbortController();
    const attempts = [1, 2, 3].map(() => pay(bolt11, { signal: caller.signal }));
    await expect.poll(() => inFlight(paymentHash)).toBe(true);
    caller.abort();
    for (const attempt of attempts) expect(await attempt).toMatchObject({ status: "unknown" });
    expect(await pay(bolt11)).toEqual({ status: "unknown", reason: "CLN has not finished the payment." });
    expect(methodsAfter(before)).toEqual(["xpay", "listpays"]);
    lightning.cancel(paymentHash);
    expect(state.doubled).toBe(0);
  });

  it("pays at a second try what failed for certain", async () => {
    const { bolt11, paymentHash } = await newInvoice();
    lightning.next("payInvoice", "failed");
    expect(await pay(bolt11)).toMatchObject({ status: "failed" });
    expect(await wallet.lookupPayment(paymentHash)).toMatchObject({ status: "failed" });
    expect(await pay(bolt11)).toMatchObject({ status: "paid" });
  });

  it.each([["0".repeat(64)], [""], [null], [randomBytes(32).toString("hex")]])(
    "does not call a payment paid with %j for a preimage",
    async (payment_preimage) => {
      const { bolt11 } = await newInvoice();
      state.next = (body) => ({ ...(body as object), payment_preimage });
      expect(await pay(bolt11)).toMatchObject({ status: "unknown" });
    },
  );

  it.each([
    ["a cut-off text", '{"payment_preimage":"ab'],
    ["nothing that it sent", { payment_preimage: "ab".repeat(32) }],
    ["pending", { payment_preimage: "ab".repeat(32), status: "pending", amount_sent_msat: 1, amount_msat: 1 }],
  ])("does not know the outcome when CLN answers %s", async (_, body) => {
    const { bolt11, paymentHash } = await newInvoice();
    state.next = () => body;
    expect(await pay(bolt11)).toMatchObject({ status: "unknown" });
    expect(await wallet.lookupPayment(paymentHash)).toMatchObject({ status: "paid" });
  });

  it("does not call complete what pay calls pending", async () => {
    const { bolt11, paymentHash } = await newInvoice();
    state.next = () => ({ payment_hash: paymentHash, status: "pending", amount_sent_msat: 1, amount_msat: 1 });
    expect(await pay(bolt11)).toEqual({ status: "unknown", reason: "CLN has not finished the payment." });
  });

  it("sends no other order until a little after the node's time limit", async () => {
    vi.useFakeTimers({ toFake: ["Date", "performance"] });
    const { bolt11 } = await newInvoice();
    const caller = new AbortController();
    let orders = 0;
    const wallet = createClnWallet({
      ...options,
      fetch: (input, init) => {
        if (!String(input).endsWith("/xpay") || ++orders > 1) return fetch(input, init);
        return new Promise(() => caller.abort());
      },
    });
    const pay = (more = {}) => wallet.payInvoice({ bolt11, maxFeeMsat: 10_000, timeoutSeconds: 1, ...more });
    await pay({ signal: caller.signal });
    vi.advanceTimersByTime(5_900);
    expect([(await pay()).status, orders]).toEqual(["unknown", 1]);
    vi.advanceTimersByTime(200);
    expect([(await pay()).status, orders]).toEqual(["paid", 2]);
  });

  it("forgets the end of an earlier attempt when it sends another one", async () => {
    vi.useFakeTimers({ toFake: ["Date", "performance"] });
    const { bolt11, paymentHash } = await newInvoice();
    const caller = new AbortController();
    let isLate = false;
    const wallet = createClnWallet({
      ...options,
      fetch: (input, init) =>
        isLate && String(input).endsWith("/xpay") ? new Promise(() => caller.abort()) : fetch(input, init),
    });
    const pay = (more = {}) => wallet.payInvoice({ bolt11, maxFeeMsat: 10_000, timeoutSeconds: 1, ...more });
    lightning.next("payInvoice", "failed");
    expect((await pay()).status).toBe("failed");
    isLate = true;
    expect((await pay({ signal: caller.signal })).status).toBe("unknown");
    // It arrived very late, and the node has only begun.
    vi.advanceTimersByTime(125_000);
    const created_at = Math.floor(Date.now() / 1000) - 5;
    state.next = (body) => ({ pays: [{ ...(body as { pays: object[] }).pays[0], created_at }] });
    expect((await wallet.lookupPayment(paymentHash)).status).toBe("unknown");
  });

  it("reads a list with several tries, amounts as texts, and an amount that only the invoice tells", async () => {
    const { bolt11, paymentHash } = await newInvoice();
    await pay(bolt11);
    const failed = { payment_hash: paymentHash, status: "failed", amount_sent_msat: 1 };
    const list = (changes: object) => (body: unknown) => ({
      pays: [failed, { ...(body as { pays: object[] }).pays[0], ...changes }, failed],
    });
    state.next = list({});
    expect(await wallet.lookupPayment(paymentHash)).toMatchObject({ status: "paid", feeMsat: 1_000 });
    state.next = list({ amount_msat: "21000msat", amount_sent_msat: "21007msat" });
    expect(await wallet.lookupPayment(paymentHash)).toMatchObject({ status: "paid", feeMsat: 7 });
    state.next = list({ amount_msat: undefined, bolt11 });
    expect(await wallet.lookupPayment(paymentHash)).toMatchObject({ status: "paid", feeMsat: 1_000 });
    for (const unknown of [{ amount_msat: undefined, bolt11: "lnbc1" }, { amount_sent_msat: undefined }]) {
      state.next = list(unknown);
      expect(await wallet.lookupPayment(paymentHash)).toMatchObject({ status: "paid", feeMsat: Number.NaN });
    }
    state.next = () => ({ pays: [failed, { ...failed, status: "pending" }] });
    expect(await wallet.lookupPayment(paymentHash)).toMatchObject({ status: "unknown" });
    state.next = () => ({ pays: [failed, { ...failed, status: "lost" }] });
    expect(await wallet.lookupPayment(paymentHash)).toMatchObject({ status: "unknown" });
  });

  it.each([
    ["payments of others", { pays: [{ payment_hash: "ab".repeat(32), status: "failed" }] }],
    ["no list", {}],
    ["a list of nothing known", { pays: [null] }],
  ])("takes %s neither for failed nor for not-found", async (_, body) => {
    const { paymentHash } = await newInvoice();
    state.next = () => body;
    await expect(wallet.lookupPayment(paymentHash)).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });

  it.each([
    ["no route", /no route/, async () => (await newInvoice()).bolt11, { maxFeeMsat: 0 }],
    ["an expired invoice", /expired/, expiredInvoice, {}],
  ])("says why a payment failed: %s", async (_, reason, invoice, more) => {
    expect(await pay(await invoice(), more)).toEqual({ status: "failed", reason: expect.stringMatching(reason) });
  });

  it("does not repeat what CLN says", async () => {
    const { bolt11 } = await newInvoice();
    lightning.next("payInvoice", "failed");
    state.giveUp = fault(299, `of ${BUYER_RUNE}`);
    expect(await pay(bolt11)).toEqual({
      status: "failed",
      reason: "CLN reports that the payment failed (error code 299).",
    });
  });

  it("rejects where the rune is refused, and may try again at once", async () => {
    const { bolt11, paymentHash } = await newInvoice();
    const refused = createClnWallet({ ...options, rune: SELLER_RUNE });
    for (let i = 0; i < 2; i++) {
      await expect(refused.payInvoice({ bolt11, maxFeeMsat: 10_000 })).rejects.toMatchObject({
        code: "PROVIDER_UNAUTHORIZED",
        fundsMoved: "no",
      });
    }
    expect(await wallet.lookupPayment(paymentHash)).toEqual({ status: "not-found" });
  });

  it("has sent nothing twice so far", () => {
    const paid = lightning.payments.filter(({ status }) => status === "paid");
    const spentMsat = paid.reduce((sum, { amountMsat, feeMsat }) => sum + amountMsat + feeMsat, 0);
    expect([state.doubled, 1_000_000_000 - lightning.balanceMsat]).toEqual([0, spentMsat]);
  });
});

async function expiredInvoice(): Promise<string> {
  const { bolt11, expiresAt } = await newInvoice();
  cln.clock.set(new Date(expiresAt.getTime() + 1000));
  return bolt11;
}
