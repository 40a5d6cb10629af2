import { createHash } from "node:crypto";
import { fakeClock, fakeLightning } from "@l402/testing";
import { afterAll, describe, expect, it } from "vitest";
import { startRegtest } from "../src/index.ts";
import { invoiceOf, MAX_FEE_MSAT, ORDER, sell } from "./sell.ts";

const clock = fakeClock(new Date());
const regtest = await startRegtest({ clock, channelSats: 100_000 });
const { buyer, seller } = regtest.nodes;
afterAll(regtest.close);

const pay = (bolt11: string) => buyer.wallet.payInvoice({ bolt11, maxFeeMsat: MAX_FEE_MSAT });

describe("a payment", () => {
  it.each([1, 999, 1_000, 1_500, 354_000, 5_000_000])("of %i msat arrives to the millisatoshi", async (amountMsat) => {
    const before = seller.balance().ownedMsat;
    const invoice = await invoiceOf(seller, amountMsat);
    const result = await pay(invoice.bolt11);
    await regtest.idle();
    expect(result).toEqual({ status: "paid", preimage: expect.stringMatching(/^[0-9a-f]{64}$/), feeMsat: 0 });
    expect(seller.balance().ownedMsat - before).toBe(amountMsat);
  });

  it("answers the preimage of the payment hash", async () => {
    const { bolt11, paymentHash } = await invoiceOf(seller);
    const result = await pay(bolt11);
    const preimage = result.status === "paid" ? result.preimage : "";
    expect(createHash("sha256").update(preimage, "hex").digest("hex")).toBe(paymentHash);
  });

  it("can go the other way, with what came in before", async () => {
    await sell(seller, buyer, 20_000_000);
    expect(await sell(buyer, seller, 3_000)).toMatchObject({ status: "paid" });
  });

  it("is found by its payment hash", async () => {
    const { bolt11, paymentHash } = await invoiceOf(seller);
    expect(await buyer.wallet.lookupPayment(paymentHash)).toEqual({ status: "not-found" });
    const result = await pay(bolt11);
    expect(await buyer.wallet.lookupPayment(paymentHash)).toEqual(result);
  });

  it("moves money once, however often it is asked for", async () => {
    const before = buyer.balance().ownedMsat;
    const { bolt11 } = await invoiceOf(seller, 7_000);
    const first = await Promise.all([pay(bolt11), pay(bolt11), pay(bolt11)]);
    const later = [await pay(bolt11), await pay(bolt11.toUpperCase())];
    expect(new Set([...first, ...later].map((result) => JSON.stringify(result))).size).toBe(1);
    await regtest.idle();
    expect(before - buyer.balance().ownedMsat).toBe(7_000);
  });

  it("is made for what a QR code or a copied text holds", async () => {
    for (const formOf of [(bolt11: string) => `LIGHTNING:${bolt11.toUpperCase()}`, (bolt11: string) => ` ${bolt11}\n`])
      expect(await pay(formOf((await invoiceOf(seller)).bolt11))).toMatchObject({ status: "paid" });
  });

  it("is not made for an invoice that is too long for LDK, and the reason says so", async () => {
    const { bolt11 } = await seller.provider.createInvoice({ ...ORDER, description: "x".repeat(600) });
    expect(await pay(bolt11)).toEqual({ status: "failed", reason: expect.stringContaining("shorter description") });
  });

  it("that was made is answered even to a caller who gave up, and after the invoice has expired", async () => {
    const { bolt11 } = await invoiceOf(seller);
    const paid = await pay(bolt11);
    clock.advanceSeconds(3600);
    const again = await buyer.wallet.payInvoice({ bolt11, maxFeeMsat: 0, signal: AbortSignal.abort() });
    expect(again).toEqual(paid);
  });
});

describe("a payment fails, for certain", () => {
  const failsWith = (reason: RegExp) => ({ status: "failed", reason: expect.stringMatching(reason) });

  it("for a text that is not an invoice", async () => {
    for (const text of ["", "lnbcrt1", "garbage", "lightning:lnbc1"]) {
      expect(await pay(text)).toEqual(failsWith(/not a valid BOLT11/));
    }
    expect(await pay(undefined as never)).toEqual(failsWith(/not a valid BOLT11/));
  });

  it("for an invoice of another network", async () => {
    const mainnet = fakeLightning({ clock, network: "bitcoin" });
    const { bolt11 } = await mainnet.provider.createInvoice(ORDER);
    expect(await pay(bolt11)).toEqual(failsWith(/another network/));
  });

  it("for an invoice without an amount", async () => {
    const stranger = fakeLightning({ clock });
    stranger.next("createInvoice", "amountless");
    const { bolt11 } = await stranger.provider.createInvoice(ORDER);
    expect(await pay(bolt11)).toEqual(failsWith(/no amount/));
  });

  it("for an expired invoice", async () => {
    const { bolt11, expiresAt } = await invoiceOf(seller);
    clock.set(expiresAt);
    expect(await pay(bolt11)).toEqual(failsWith(/expired/));
  });

  it("for more money than there is", async () => {
    expect(await sell(seller, buyer, 99_000_000)).toEqual(failsWith(/balance/));
  });

  it("for a payee that no channel leads to", async () => {
    const stranger = fakeLightning({ clock });
    const { bolt11 } = await stranger.provider.createInvoice({ ...ORDER, amountMsat: 1_000 });
    expect(await pay(bolt11)).toEqual(failsWith(/no route/));
  });

  it("for an invoice of its own", async () => {
    expect(await sell(buyer, buyer)).toMatchObject({ status: "failed" });
  });

  it("for a fee limit or a timeout that makes no sense", async () => {
    const { bolt11 } = await invoiceOf(seller);
    for (const maxFeeMsat of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(await buyer.wallet.payInvoice({ bolt11, maxFeeMsat })).toEqual(failsWith(/fee limit/));
    }
    for (const timeoutSeconds of [0, -1, Number.NaN]) {
      expect(await buyer.wallet.payInvoice({ bolt11, maxFeeMsat: 0, timeoutSeconds })).toEqual(failsWith(/timeout/));
    }
  });

  it("for an invoice that the payee has canceled", async () => {
    const { bolt11, paymentHash } = await invoiceOf(seller);
    seller.cancelInvoice(paymentHash);
    expect(await pay(bolt11)).toEqual(failsWith(/payee sent the payment back/));
    expect(await buyer.wallet.lookupPayment(paymentHash)).toMatchObject({ status: "failed" });
  });

  it("and leaves the balance as it was", async () => {
    const before = buyer.balance();
    const { bolt11, paymentHash } = await invoiceOf(seller);
    seller.cancelInvoice(paymentHash);
    await pay(bolt11);
    await regtest.idle();
    expect(buyer.balance()).toEqual(before);
  });
});
