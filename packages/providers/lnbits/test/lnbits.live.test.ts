import { decodeInvoice } from "@l402/core";
import { describe, expect, it } from "vitest";
import { createLnbits, createLnbitsWallet } from "../src/index.ts";

const { LNBITS_URL: url = "", LNBITS_INVOICE_KEY: invoiceKey = "" } = process.env;
const { LNBITS_ADMIN_KEY: adminKey = "", LNBITS_PAY_INVOICE: bolt11 = "" } = process.env;

describe.skipIf(!url || !invoiceKey)("an LNbits of yours (set LNBITS_URL and LNBITS_INVOICE_KEY)", () => {
  const provider = () => createLnbits({ url, invoiceKey });

  it("creates an invoice and looks it up", async () => {
    const order = { amountMsat: 1_000, description: "test", expiresInSeconds: 600 };
    const invoice = await provider().createInvoice(order);
    expect(decodeInvoice(invoice.bolt11)).toMatchObject({ amountMsat: 1_000n, paymentHash: invoice.paymentHash });
    expect(await provider().lookupInvoice(invoice)).toEqual({ status: "open" });
  });

  it("rejects an invoice that it does not know", async () => {
    const lookup = provider().lookupInvoice({ paymentHash: "ab".repeat(32) });
    await expect(lookup).rejects.toMatchObject({ code: "PROVIDER_REJECTED" });
  });
});

describe.skipIf(!url || !adminKey || !bolt11)(
  "an LNbits of yours (set LNBITS_URL, LNBITS_ADMIN_KEY and LNBITS_PAY_INVOICE)",
  () => {
    it("pays an invoice, and finds the payment", async () => {
      const wallet = createLnbitsWallet({ url, adminKey });
      expect(await wallet.lookupPayment("ab".repeat(32))).toEqual({ status: "not-found" });
      const maxFeeMsat = wallet.feeReserveMsat(Number(decodeInvoice(bolt11).amountMsat));
      const paid = await wallet.payInvoice({ bolt11, maxFeeMsat });
      expect(paid.status).toBe("paid");
      expect(await wallet.lookupPayment(decodeInvoice(bolt11).paymentHash)).toEqual(paid);
    });
  },
);
