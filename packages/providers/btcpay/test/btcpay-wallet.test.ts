import { decodeInvoice } from "@l402/core";
import { describeBackend, describeWallet, fakeLightning } from "@l402/testing";
import { afterAll, describe, expect, it, vi } from "vitest";
import { createBtcpayWallet } from "../src/index.ts";
import { fakeBtcpay, PAY_KEY, RECEIVE_KEY, STORE } from "./fake-btcpay.ts";

const [lnd, cln] = [await fakeBtcpay({ node: "lnd" }), await fakeBtcpay({ node: "cln" })];
afterAll(async () => void (await Promise.all([lnd.close(), cln.close()])));
type Btcpay = typeof lnd;

const walletOf = (btcpay: Btcpay) => createBtcpayWallet({ url: btcpay.url, storeId: STORE, apiKey: PAY_KEY });

async function newInvoice({ lightning }: Btcpay, amountMsat = 21_000, expiresInSeconds = 600): Promise<string> {
  return (await lightning.provider.createInvoice({ amountMsat, description: "for a test", expiresInSeconds })).bolt11;
}

const hooksOf = (btcpay: Btcpay) => ({
  create: () => walletOf(btcpay),
  invoice: ({ amountMsat }: { amountMsat: number }) => newInvoice(btcpay, amountMsat),
  amountlessInvoice: async () => {
    btcpay.lightning.next("createInvoice", "amountless");
    return newInvoice(btcpay);
  },
  expiredInvoice: async () => {
    btcpay.lightning.next("createInvoice", "already-expired");
    return newInvoice(btcpay);
  },
  costlyInvoice: async () => ({ bolt11: await newInvoice(btcpay), feeMsat: btcpay.feeMsat }),
  spentMsat: () => 1_000_000_000 - btcpay.lightning.balanceMsat,
  loseNextAnswer: btcpay.loseNextAnswer,
  delayNextOrder: btcpay.delayNextOrder,
  breakBackend: btcpay.breakBackend,
  hangBackend: btcpay.hangBackend,
  secrets: [PAY_KEY],
});

describeWallet({ describe, it }, { ...hooksOf(cln), name: "BTCPay with Core Lightning" });
describeWallet({ describe, it }, { ...hooksOf(lnd), name: "BTCPay with LND" });

describeBackend(
  { describe, it },
  {
    name: "createBtcpayWallet",
    wallet: ({ url, timeoutSeconds }) => createBtcpayWallet({ url, storeId: STORE, apiKey: PAY_KEY, timeoutSeconds }),
    secrets: [PAY_KEY],
  },
);

describe("createBtcpayWallet", () => {
  const wallet = walletOf(lnd);

  it("refuses an option that only createBtcpay has", () => {
    const options = { url: lnd.url, storeId: STORE, apiKey: PAY_KEY, privateRouteHints: true };
    expect(() => createBtcpayWallet(options)).toThrow("privateRouteHints");
  });

  it("pays with one request, which says what it may cost and how long it may take", async () => {
    const before = lnd.exchanges.length;
    const bolt11 = await newInvoice(lnd);
    const paid = await wallet.payInvoice({ bolt11, maxFeeMsat: 7_999, timeoutSeconds: 2.5 });
    expect(paid).toMatchObject({ status: "paid", feeMsat: lnd.feeMsat });
    expect(lnd.exchanges.slice(before).map(({ body }) => JSON.parse(body))).toEqual([
      { BOLT11: bolt11, maxFeeFlat: "7", maxFeePercent: "0", sendTimeout: 3 },
    ]);
  });

  it.each([(bolt11: string) => `LIGHTNING:${bolt11.toUpperCase()}`, (bolt11: string) => ` ${bolt11}\n`])(
    "pays what a QR code or a copied text holds",
    async (formOf) => {
      expect(await wallet.payInvoice({ bolt11: formOf(await newInvoice(lnd)), maxFeeMsat: 10_000 })).toMatchObject({
        status: "paid",
      });
    },
  );

  it.each([0, 999])("sends no fee limit of zero: %d msat fails before anything is sent", async (maxFeeMsat) => {
    const before = lnd.exchanges.length;
    const result = await wallet.payInvoice({ bolt11: await newInvoice(lnd), maxFeeMsat });
    expect(result.status).toBe("failed");
    expect(lnd.exchanges.slice(before).map(({ method }) => method)).toEqual(["GET"]);
  });

  it("finds what was paid before with a higher limit", async () => {
    const bolt11 = await newInvoice(lnd);
    const paid = await wallet.payInvoice({ bolt11, maxFeeMsat: 10_000 });
    expect(paid.status).toBe("paid");
    expect(await wallet.payInvoice({ bolt11, maxFeeMsat: 0 })).toEqual(paid);
  });

  it("rejects with a key that may only receive, and nothing was sent", async () => {
    const receiver = createBtcpayWallet({ url: lnd.url, storeId: STORE, apiKey: RECEIVE_KEY });
    const attempt = receiver.payInvoice({ bolt11: await newInvoice(lnd), maxFeeMsat: 10_000 });
    await expect(attempt).rejects.toMatchObject({ code: "PROVIDER_UNAUTHORIZED", fundsMoved: "no" });
  });

  it("rejects an invoice of another network, and nothing was sent", async () => {
    const { provider } = fakeLightning({ network: "testnet" });
    const { bolt11 } = await provider.createInvoice({ amountMsat: 1_000, description: "", expiresInSeconds: 600 });
    const attempt = wallet.payInvoice({ bolt11, maxFeeMsat: 10_000 });
    await expect(attempt).rejects.toMatchObject({ code: "PROVIDER_REJECTED", fundsMoved: "no" });
  });

  it("does not ask to pay an expired invoice, which may have been paid before", async () => {
    lnd.lightning.next("createInvoice", "already-expired");
    const before = lnd.exchanges.length;
    const expired = await newInvoice(lnd);
    expect((await wallet.payInvoice({ bolt11: expired, maxFeeMsat: 10_000 })).status).toBe("failed");
    expect(lnd.exchanges.slice(before).map(({ method }) => method)).toEqual(["GET"]);
    const bolt11 = await newInvoice(lnd);
    const paid = await wallet.payInvoice({ bolt11, maxFeeMsat: 10_000 });
    vi.useFakeTimers({ toFake: ["Date"], now: decodeInvoice(bolt11).expiresAt });
    expect(await wallet.payInvoice({ bolt11, maxFeeMsat: 10_000 })).toEqual(paid);
    vi.useRealTimers();
  });

  it.each([
    ["could-not-find-route", "", "failed", "not-found"],
    ["generic-error", "FAILURE_REASON_INCORRECT_PAYMENT_DETAILS", "failed", "not-found"],
    ["generic-error", "The operation was canceled.", "unknown", "unknown"],
    ["generic-error", "Not a FAILURE_REASON_TIMEOUT", "unknown", "unknown"],
    ["generic-error", "", "unknown", "unknown"],
    ["something-new", "", "unknown", "unknown"],
  ])(
    "takes %s (%s) for %s where the books have nothing: an error that says no more is not certain",
    async (code, message, status, found) => {
      const bolt11 = await newInvoice(lnd);
      const { paymentHash } = decodeInvoice(bolt11);
      lnd.answerNext("/invoices/pay", 400, { code, message });
      expect((await wallet.payInvoice({ bolt11, maxFeeMsat: 10_000 })).status).toBe(status);
      expect((await wallet.lookupPayment(paymentHash)).status).toBe(found);
      expect((await walletOf(lnd).lookupPayment(paymentHash)).status).toBe("not-found");
    },
  );

  it("sends a payment once that is asked for several times at once", async () => {
    const before = cln.exchanges.length;
    const bolt11 = await newInvoice(cln);
    const cheap = walletOf(cln);
    const results = await Promise.all([1, 2, 3].map(() => cheap.payInvoice({ bolt11, maxFeeMsat: 10_000 })));
    expect(results.map(({ status }) => status)).toEqual(["paid", "paid", "paid"]);
    expect(cln.exchanges.slice(before).map(({ method }) => method)).toEqual(["POST"]);
  });

  it("takes a pending answer (202) for unknown, until it is looked up", async () => {
    lnd.lightning.next("payInvoice", "unknown-stuck");
    const bolt11 = await newInvoice(lnd);
    const { paymentHash } = decodeInvoice(bolt11);
    expect((await wallet.payInvoice({ bolt11, maxFeeMsat: 10_000 })).status).toBe("unknown");
    expect((await wallet.lookupPayment(paymentHash)).status).toBe("unknown");
    const preimage = lnd.lightning.settle(paymentHash);
    expect(await walletOf(lnd).lookupPayment(paymentHash)).toMatchObject({ status: "paid", preimage });
  });

  it("takes an error about a payment that is under way for unknown", async () => {
    lnd.lightning.next("payInvoice", "unknown-stuck");
    const bolt11 = await newInvoice(lnd);
    await wallet.payInvoice({ bolt11, maxFeeMsat: 10_000 });
    lnd.answerNext("/invoices/pay", 400, { code: "generic-error", message: "Already in progress" });
    // Another process, which has not heard of the first attempt.
    expect((await walletOf(lnd).payInvoice({ bolt11, maxFeeMsat: 10_000 })).status).toBe("unknown");
  });

  it("finds the preimage that an old server leaves out of its first answer", async () => {
    const bolt11 = await newInvoice(lnd);
    await wallet.payInvoice({ bolt11, maxFeeMsat: 10_000 });
    lnd.answerNext("/invoices/pay", 200, { status: "Complete", paymentHash: null, preimage: null });
    expect(await wallet.payInvoice({ bolt11, maxFeeMsat: 10_000 })).toMatchObject({ status: "paid" });
  });

  it.each([
    ["zeros", "0".repeat(64)],
    ["nothing", ""],
    ["null", null],
    ["another", "ab".repeat(32)],
  ])("does not call a payment paid with %s for a preimage", async (_, preimage) => {
    const bolt11 = await newInvoice(lnd);
    const answer = { status: "Complete", paymentHash: decodeInvoice(bolt11).paymentHash, preimage, feeAmount: "0" };
    lnd.answerNext("/invoices/pay", 200, answer);
    lnd.answerNext("/payments/", 200, answer);
    expect((await wallet.payInvoice({ bolt11, maxFeeMsat: 10_000 })).status).toBe("unknown");
  });

  it.each([
    [{ feeAmount: "7", totalAmount: null }, 7],
    [{ feeAmount: null, totalAmount: "23000" }, 2_000],
    [{ feeAmount: null, totalAmount: "21000" }, 0],
    [{ feeAmount: null, totalAmount: null }, undefined],
    [{ totalAmount: "0" }, undefined],
    [{ feeAmount: null, totalAmount: "23000", BOLT11: "junk" }, undefined],
    [{ feeAmount: null, totalAmount: "23000", BOLT11: null }, undefined],
  ])("takes a fee that BTCPay does not tell for what it can be: %o", async (amounts, feeMsat) => {
    const bolt11 = await newInvoice(lnd);
    const { paymentHash } = decodeInvoice(bolt11);
    const answer = { status: "Complete", paymentHash, BOLT11: bolt11, preimage: lnd.lightning.settle(paymentHash) };
    lnd.answerNext("/invoices/pay", 200, { ...answer, ...amounts });
    const paid = await wallet.payInvoice({ bolt11, maxFeeMsat: 10_000 });
    expect(paid).toMatchObject({ status: "paid", feeMsat: feeMsat ?? 10_000 });
    lnd.answerNext("/payments/", 200, { ...answer, ...amounts });
    // Nobody knows a limit there. What is no number counts as the limit, for whoever set it.
    expect(await wallet.lookupPayment(paymentHash)).toMatchObject({ status: "paid", feeMsat: feeMsat ?? Number.NaN });
  });

  it("does not believe that a payment failed which it was told is complete", async () => {
    const bolt11 = await newInvoice(lnd);
    const { paymentHash } = decodeInvoice(bolt11);
    lnd.answerNext("/invoices/pay", 200, { status: "Complete", paymentHash });
    lnd.answerNext("/payments/", 200, { status: "Failed", paymentHash });
    expect((await wallet.payInvoice({ bolt11, maxFeeMsat: 10_000 })).status).toBe("unknown");
  });

  it("does not believe a success that calls itself failed", async () => {
    const bolt11 = await newInvoice(lnd);
    lnd.answerNext("/invoices/pay", 200, { status: "Failed", paymentHash: decodeInvoice(bolt11).paymentHash });
    expect((await wallet.payInvoice({ bolt11, maxFeeMsat: 10_000 })).status).toBe("unknown");
  });

  it.each([
    [503, { code: "lightning-node-unavailable" }],
    [401, { code: "unauthenticated" }],
    [404, "<h1>Not found</h1>"],
  ])("does not know what became of a refused payment that it cannot look up (%d)", async (status, body) => {
    lnd.answerNext("/invoices/pay", 400, { code: "could-not-find-route", message: "" });
    lnd.answerNext("/payments/", status, body);
    const result = await wallet.payInvoice({ bolt11: await newInvoice(lnd), maxFeeMsat: 10_000 });
    expect(result.status).toBe("unknown");
  });

  it.each([
    ["a web page", "<h1>Not found</h1>"],
    ["nothing", ""],
    ["another code", { code: "lightning-not-configured", message: "" }],
    ["a list", [{ code: "payment-not-found" }]],
  ])("takes no other 404 for a missing payment: %s", async (_, body) => {
    lnd.answerNext("/payments/", 404, body);
    await expect(wallet.lookupPayment("ab".repeat(32))).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });

  it("refuses an answer about another payment", async () => {
    const bolt11 = await newInvoice(lnd);
    lnd.answerNext("/payments/", 200, { status: "Failed", paymentHash: "ab".repeat(32), BOLT11: bolt11 });
    const lookup = wallet.lookupPayment(decodeInvoice(bolt11).paymentHash);
    await expect(lookup).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });

  it("says unknown for ever of a state that it does not know", async () => {
    const bolt11 = await newInvoice(lnd);
    lnd.answerNext("/invoices/pay", 200, { status: "Archived", paymentHash: decodeInvoice(bolt11).paymentHash });
    expect((await wallet.payInvoice({ bolt11, maxFeeMsat: 10_000 })).status).toBe("unknown");
  });
});
