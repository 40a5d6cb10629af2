import { decodeInvoice } from "@l402/core";
import { describe, expect, it } from "vitest";
import { createBlink, createBlinkWallet } from "../src/index.ts";

const { BLINK_API_KEY: apiKey = "", BLINK_WALLET_ID: walletId = "", BLINK_URL: url } = process.env;
const { BLINK_PAY_INVOICE: bolt11 = "" } = process.env;
const options = { apiKey, walletId, ...(url && { url }) };

describe.skipIf(!apiKey || !walletId)("a real Blink account (set BLINK_API_KEY and BLINK_WALLET_ID)", () => {
  it("creates an invoice and looks it up", async () => {
    const provider = createBlink(options);
    const invoice = await provider.createInvoice({ amountMsat: 1_000, description: "test", expiresInSeconds: 600 });
    const { amountMsat, paymentHash, expiresAt, timestamp } = decodeInvoice(invoice.bolt11);
    expect({ amountMsat, paymentHash }).toEqual({ amountMsat: 1_000n, paymentHash: invoice.paymentHash });
    expect(expiresAt.getTime() - timestamp.getTime()).toBe(600_000);
    expect(await provider.lookupInvoice(invoice)).toEqual({ status: "open" });
  });

  it("rejects an invoice that it does not know", async () => {
    const lookup = createBlink(options).lookupInvoice({ paymentHash: "ab".repeat(32) });
    await expect(lookup).rejects.toMatchObject({ code: expect.stringMatching(/^PROVIDER_/) });
  });

  it.skipIf(!bolt11)("pays an invoice (set BLINK_PAY_INVOICE; the key needs READ and WRITE)", async () => {
    const wallet = createBlinkWallet(options);
    const { paymentHash, amountMsat } = decodeInvoice(bolt11);
    expect((await wallet.lookupPayment("ab".repeat(32))).status).toBe("not-found");
    const paid = await wallet.payInvoice({ bolt11, maxFeeMsat: wallet.feeReserveMsat(Number(amountMsat)) });
    expect(paid.status).toBe("paid");
    expect(await wallet.lookupPayment(paymentHash)).toEqual(paid);
  });
});
