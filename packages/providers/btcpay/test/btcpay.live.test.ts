import { decodeInvoice } from "@l402/core";
import { describe, expect, it } from "vitest";
import { createBtcpay, createBtcpayWallet } from "../src/index.ts";

const { BTCPAY_URL: url = "", BTCPAY_STORE_ID: storeId = "", BTCPAY_API_KEY: apiKey = "" } = process.env;
const { BTCPAY_PAY_API_KEY: payKey, BTCPAY_PAY_INVOICE: bolt11 } = process.env;
const canReceive = url !== "" && storeId !== "" && apiKey !== "";
const canPay = canReceive && payKey !== undefined && bolt11 !== undefined;

describe.skipIf(!canReceive)("a real BTCPay store (set BTCPAY_URL, BTCPAY_STORE_ID and BTCPAY_API_KEY)", () => {
  const options = { url, storeId, apiKey };

  it("creates an invoice and looks it up", async () => {
    const provider = createBtcpay(options);
    const invoice = await provider.createInvoice({ amountMsat: 1_000, description: "test", expiresInSeconds: 600 });
    expect(decodeInvoice(invoice.bolt11)).toMatchObject({ amountMsat: 1_000n, paymentHash: invoice.paymentHash });
    expect(await provider.lookupInvoice(invoice)).toEqual({ status: "open" });
  });

  it("rejects an invoice that it does not know", async () => {
    const lookup = createBtcpay(options).lookupInvoice({ paymentHash: "ab".repeat(32) });
    await expect(lookup).rejects.toMatchObject({ code: "PROVIDER_REJECTED" });
  });

  it.skipIf(!canPay)("pays an invoice (set BTCPAY_PAY_API_KEY and BTCPAY_PAY_INVOICE)", async () => {
    const wallet = createBtcpayWallet({ ...options, apiKey: payKey ?? "" });
    expect((await wallet.lookupPayment("ab".repeat(32))).status).toBe("not-found");
    const paid = await wallet.payInvoice({ bolt11: bolt11 ?? "", maxFeeMsat: 10_000 });
    expect(paid.status).toBe("paid");
    expect(await wallet.lookupPayment(decodeInvoice(bolt11 ?? "").paymentHash)).toEqual(paid);
  });
});
