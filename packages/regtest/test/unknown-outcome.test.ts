import { afterAll, describe, expect, it } from "vitest";
import { startRegtest } from "../src/index.ts";
import { invoiceOf, MAX_FEE_MSAT } from "./sell.ts";

const regtest = await startRegtest({ nodes: ["buyer", "router", "seller"] });
const { buyer, router, seller } = regtest.nodes;
afterAll(regtest.close);

const pay = (bolt11: string, timeoutSeconds = 0.2, signal?: AbortSignal) =>
  buyer.wallet.payInvoice({ bolt11, maxFeeMsat: MAX_FEE_MSAT, timeoutSeconds, ...(signal && { signal }) });

/** A payment that the seller holds, and that the buyer has given up waiting for. */
async function payHeld() {
  const hold = seller.hold();
  const invoice = await invoiceOf(seller);
  const before = buyer.balance().ownedMsat;
  // On a busy machine it may arrive after the buyer has given up.
  const [result] = await Promise.all([pay(invoice.bolt11), hold.arrival()]);
  return { ...invoice, hold, result, spentMsat: () => before - buyer.balance().ownedMsat };
}

describe("a held payment", () => {
  it("is unknown after the timeout, and paid once it is claimed", async () => {
    const { bolt11, paymentHash, hold, result, spentMsat } = await payHeld();
    expect(result).toMatchObject({ status: "unknown" });
    expect(await buyer.wallet.lookupPayment(paymentHash)).toMatchObject({ status: "unknown" });
    await hold.claim();
    const paid = { status: "paid", feeMsat: 1_000 };
    expect(await buyer.wallet.lookupPayment(paymentHash)).toMatchObject(paid);
    expect(await pay(bolt11)).toMatchObject(paid);
    expect(spentMsat()).toBe(22_000);
  });

  it("is unknown after the timeout, and failed once it is sent back", async () => {
    const { paymentHash, hold, spentMsat } = await payHeld();
    await hold.failBack();
    expect(await buyer.wallet.lookupPayment(paymentHash)).toMatchObject({ status: "failed" });
    expect(spentMsat()).toBe(0);
  });

  it("can be paid again after it was sent back", async () => {
    const { bolt11, hold, spentMsat } = await payHeld();
    await hold.failBack();
    expect(await pay(bolt11, 5)).toMatchObject({ status: "paid" });
    await regtest.idle();
    expect(spentMsat()).toBe(22_000);
  });

  it("is not sent a second time while it is unknown", async () => {
    const { bolt11, hold, spentMsat } = await payHeld();
    const again = [pay(bolt11, 5), pay(bolt11, 5)];
    expect(hold.paymentHashes).toHaveLength(1);
    await hold.claim();
    for (const result of await Promise.all(again)) expect(result).toMatchObject({ status: "paid" });
    expect(spentMsat()).toBe(22_000);
  });

  it("is unknown to a caller who gives up", async () => {
    const hold = seller.hold();
    const { bolt11, paymentHash } = await invoiceOf(seller);
    const caller = new AbortController();
    const result = pay(bolt11, 60, caller.signal);
    await hold.arrival();
    caller.abort();
    expect(await result).toMatchObject({ status: "unknown" });
    await hold.claim();
    expect(await buyer.wallet.lookupPayment(paymentHash)).toMatchObject({ status: "paid" });
  });

  it("leaves the invoice open, without a preimage", async () => {
    const { paymentHash, hold } = await payHeld();
    expect(await seller.provider.lookupInvoice({ paymentHash })).toEqual({ status: "open" });
    await hold.claim();
    const settled = { status: "settled", preimage: expect.stringMatching(/^[0-9a-f]{64}$/) };
    expect(await seller.provider.lookupInvoice({ paymentHash })).toMatchObject(settled);
  });

  it("goes back when its invoice is canceled", async () => {
    const { paymentHash, hold } = await payHeld();
    seller.cancelInvoice(paymentHash);
    await regtest.idle();
    expect(await buyer.wallet.lookupPayment(paymentHash)).toMatchObject({ status: "failed" });
    expect(await seller.provider.lookupInvoice({ paymentHash })).toEqual({ status: "canceled" });
    expect(hold.paymentHashes).toEqual([]);
    await hold.claim();
  });

  it("resolves when a node on the way comes back", async () => {
    const { paymentHash, hold } = await payHeld();
    router.goOffline();
    await hold.claim();
    expect(await seller.provider.lookupInvoice({ paymentHash })).toMatchObject({ status: "settled" });
    expect(await buyer.wallet.lookupPayment(paymentHash)).toMatchObject({ status: "unknown" });
    await router.goOnline();
    expect(await buyer.wallet.lookupPayment(paymentHash)).toMatchObject({ status: "paid", feeMsat: 1_000 });
  });
});

describe("a hold", () => {
  it("ends when it is claimed or failed back: later payments go through", async () => {
    const hold = seller.hold();
    await hold.failBack();
    await expect(hold.claim()).rejects.toThrow("over");
    const { bolt11 } = await invoiceOf(seller);
    expect(await pay(bolt11, 5)).toMatchObject({ status: "paid" });
  });

  it("is one at a time", async () => {
    const hold = seller.hold();
    expect(seller.hold).toThrow("already");
    await hold.claim();
  });
});
