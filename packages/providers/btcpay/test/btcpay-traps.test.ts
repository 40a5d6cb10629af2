import { createMemoryUseStore, createPaywall, decodeInvoice, formatCredential, parseChallenges } from "@l402/core";
import { withL402 } from "@l402/core/web";
import { afterAll, describe, expect, it } from "vitest";
import { createBtcpay } from "../src/index.ts";
import { fakeBtcpay, RECEIVE_KEY, STORE } from "./fake-btcpay.ts";

const [lnd, cln] = [await fakeBtcpay({ node: "lnd" }), await fakeBtcpay({ node: "cln" })];
afterAll(async () => void (await Promise.all([lnd.close(), cln.close()])));

const ORDER = { amountMsat: 21_000, description: "tea", expiresInSeconds: 600 };
const providerOf = ({ url }: typeof lnd) => createBtcpay({ url, storeId: STORE, apiKey: RECEIVE_KEY });
const provider = providerOf(lnd);

describe("BTCPay's invoices", () => {
  it("hands out no preimage before the payment, which BTCPay with LND does", async () => {
    const invoice = await provider.createInvoice(ORDER);
    const state = await provider.lookupInvoice(invoice);
    expect(lnd.exchanges.at(-1)?.reply.body).toMatchObject({
      status: "Unpaid",
      preimage: expect.stringMatching(/^\w{64}$/),
    });
    expect([invoice, state]).toEqual([
      expect.not.objectContaining({ preimage: expect.anything() }),
      { status: "open" },
    ]);
    const preimage = lnd.settle(invoice.paymentHash);
    expect(await provider.lookupInvoice(invoice)).toMatchObject({ status: "settled", preimage });
  });

  it("open nothing unpaid, whoever knows the preimage, where the node is not known to keep it", async () => {
    const secret = "a secret of at least thirty-two bytes";
    const useStore = createMemoryUseStore({ clock: lnd.clock });
    const cautious = createBtcpay({ url: lnd.url, storeId: STORE, apiKey: RECEIVE_KEY, preimageProvesPayment: false });
    const paywall = createPaywall({ provider: cautious, secret, useStore, network: "regtest", clock: lnd.clock });
    const shop = withL402(paywall, { price: 21 }, () => new Response("the goods"));
    const ask = (authorization?: string) =>
      shop(new Request("https://shop.example/tea", authorization ? { headers: { authorization } } : {}));
    const [challenge] = parseChallenges((await ask()).headers.get("www-authenticate"));
    const { preimage = "" } = (lnd.exchanges.at(-1)?.reply.body ?? {}) as { preimage?: string };
    const credential = formatCredential(challenge?.token ?? "", preimage);
    expect((await ask(credential)).status).toBe(402);
    lnd.clock.advanceSeconds(1); // the paywall asks once a second
    lnd.settle(decodeInvoice(challenge?.invoice ?? "").paymentHash);
    expect((await ask(credential)).status).toBe(200);
    expect(provider.preimageProvesPayment).toBe(true);
  });

  it("are found by their id, which is a label with Core Lightning", async () => {
    const invoice = await providerOf(cln).createInvoice(ORDER);
    expect(invoice.providerRef).not.toBe(invoice.paymentHash);
    expect(await providerOf(cln).lookupInvoice(invoice)).toEqual({ status: "open" });
    expect(cln.exchanges.at(-1)?.path).toMatch(new RegExp(`/invoices/${invoice.providerRef}$`));
  });

  it("are asked for by an id that is only part of the path, whatever is in it", async () => {
    const { paymentHash } = await provider.createInvoice(ORDER);
    await provider.lookupInvoice({ paymentHash, providerRef: `../invoices/${paymentHash}?` }).catch(() => {});
    expect(lnd.exchanges.at(-1)?.path).toMatch(new RegExp(`/invoices/\\.\\.%2Finvoices%2F${paymentHash}%3F$`));
  });

  it("can be looked up by payment hash too, where the reference is lost", async () => {
    const { paymentHash } = await provider.createInvoice(ORDER);
    expect(await provider.lookupInvoice({ paymentHash })).toEqual({ status: "open" });
  });

  it("are canceled when LND hides them after their time (404), and expired with Core Lightning", async () => {
    const [hidden, shown] = [await provider.createInvoice(ORDER), await providerOf(cln).createInvoice(ORDER)];
    lnd.clock.advanceSeconds(601);
    cln.clock.advanceSeconds(601);
    expect(await provider.lookupInvoice(hidden)).toEqual({ status: "canceled" });
    expect(await providerOf(cln).lookupInvoice(shown)).toEqual({ status: "expired" });
  });

  it.each([
    ["a web page", "<h1>Not found</h1>"],
    ["no Lightning node", { code: "lightning-not-configured", message: "" }],
    ["nothing", ""],
  ])("are not called canceled for another 404: %s", async (_, body) => {
    const invoice = await provider.createInvoice(ORDER);
    lnd.answerNext("/invoices/", 404, body);
    await expect(provider.lookupInvoice(invoice)).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });

  it("come from servers before 1.7.4 without a payment hash", async () => {
    const { bolt11, paymentHash } = await lnd.lightning.provider.createInvoice({ ...ORDER });
    lnd.answerNext("/invoices", 200, { id: paymentHash, status: "Unpaid", BOLT11: bolt11, amount: "21000" });
    expect(await provider.createInvoice(ORDER)).toMatchObject({ paymentHash });
    lnd.answerNext("/invoices/", 200, { id: paymentHash, status: "Paid", BOLT11: bolt11, paymentHash: null });
    expect(await provider.lookupInvoice({ paymentHash })).toEqual({ status: "settled" });
  });

  it.each([{ amountMsat: 20_000 }, { amountMsat: 210_000 }])("are refused for another amount: %o", async (other) => {
    const { bolt11, paymentHash } = await lnd.lightning.provider.createInvoice({ ...ORDER, ...other });
    lnd.answerNext("/invoices", 200, { id: paymentHash, status: "Unpaid", BOLT11: bolt11, paymentHash });
    await expect(provider.createInvoice(ORDER)).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });

  it("are not settled by the payment of another one", async () => {
    const [ours, other] = [await provider.createInvoice(ORDER), await provider.createInvoice(ORDER)];
    lnd.settle(other.paymentHash);
    await provider.lookupInvoice(other);
    lnd.answerNext("/invoices/", 200, lnd.exchanges.at(-1)?.reply.body);
    await expect(provider.lookupInvoice(ours)).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });

  it.each([
    ["zeros", "0".repeat(64)],
    ["nothing", ""],
    ["null", null],
    ["another", "ab".repeat(32)],
  ])("are settled without a preimage where BTCPay has %s for it", async (_, preimage) => {
    const { paymentHash } = await provider.createInvoice(ORDER);
    lnd.answerNext("/invoices/", 200, {
      id: paymentHash,
      status: "Paid",
      paymentHash,
      preimage,
      paidAt: 1_790_000_000,
    });
    const settledAt = new Date(1_790_000_000_000);
    expect(await provider.lookupInvoice({ paymentHash })).toEqual({ status: "settled", settledAt });
  });

  it("say what arrived where a buyer has paid more than was asked for", async () => {
    const { paymentHash } = await provider.createInvoice(ORDER);
    lnd.settle(paymentHash, 2 * ORDER.amountMsat);
    expect(await provider.lookupInvoice({ paymentHash })).toMatchObject({ receivedMsat: 2 * ORDER.amountMsat });
  });

  it.each(["Complete", "Archived", ""])("are not settled by the status %j, which no invoice has", async (status) => {
    const { paymentHash } = await provider.createInvoice(ORDER);
    lnd.answerNext("/invoices/", 200, { id: paymentHash, status, paymentHash });
    await expect(provider.lookupInvoice({ paymentHash })).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });

  it.each([
    ["PROVIDER_REJECTED", 400, { code: "generic-error", message: "" }, ""],
    ["PROVIDER_REJECTED", 422, [{ path: "expiry", message: "Expiry should be more than 0" }], ""],
    ["PROVIDER_REJECTED", 404, { code: "lightning-not-configured", message: "" }, "No Lightning node is connected"],
    ["PROVIDER_REJECTED", 404, { code: "store-not-found", message: "" }, "Check storeId"],
    ["PROVIDER_UNREACHABLE", 503, { code: "lightning-node-unavailable", message: "" }, ""],
  ])("cannot be created: %s for %d", async (code, status, body, why) => {
    lnd.answerNext("/invoices", status, body);
    const hint = expect.stringContaining(why);
    await expect(provider.createInvoice(ORDER)).rejects.toMatchObject({ code, fundsMoved: "no", hint });
  });

  it("cannot be created with a key that was revoked", async () => {
    const { url } = lnd;
    const revoked = createBtcpay({ url, storeId: STORE, apiKey: RECEIVE_KEY.replace("1", "2") });
    await expect(revoked.createInvoice(ORDER)).rejects.toMatchObject({ code: "PROVIDER_UNAUTHORIZED" });
  });
});
