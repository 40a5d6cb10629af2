import { decodeInvoice } from "@l402/core";
import { describe, expect, it } from "vitest";
import { createAlby, createAlbyWallet } from "../src/index.ts";

const { ALBY_URL: url = "", ALBY_PAY_URL: payUrl = "", ALBY_PAY_INVOICE: bolt11 = "" } = process.env;

describe.skipIf(!url)("a wallet of yours (set ALBY_URL)", () => {
  it("creates an invoice and looks it up", async () => {
    const provider = createAlby({ url });
    const order = { amountMsat: 1_000, description: "test", expiresInSeconds: 600 };
    const invoice = await provider.createInvoice(order);
    expect(decodeInvoice(invoice.bolt11)).toMatchObject({ amountMsat: 1_000n, paymentHash: invoice.paymentHash });
    expect(await provider.lookupInvoice(invoice)).toEqual({ status: "open" });
    const unknown = provider.lookupInvoice({ paymentHash: "ab".repeat(32) });
    await expect(unknown).rejects.toMatchObject({ code: "PROVIDER_REJECTED" });
  });
});

describe.skipIf(!payUrl || !bolt11)("a wallet of yours (set ALBY_PAY_URL and ALBY_PAY_INVOICE)", () => {
  it("pays an invoice, and finds the payment", async () => {
    const wallet = createAlbyWallet({ url: payUrl });
    expect(await wallet.lookupPayment("ab".repeat(32))).toEqual({ status: "not-found" });
    const maxFeeMsat = wallet.feeReserveMsat(Number(decodeInvoice(bolt11).amountMsat));
    const paid = await wallet.payInvoice({ bolt11, maxFeeMsat });
    expect(paid.status).toBe("paid");
    expect(await wallet.lookupPayment(decodeInvoice(bolt11).paymentHash)).toEqual(paid);
  });
});
