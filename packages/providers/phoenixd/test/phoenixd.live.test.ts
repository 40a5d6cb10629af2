import { decodeInvoice } from "@l402/core";
import { describe, expect, it } from "vitest";
import { createPhoenixd, createPhoenixdWallet } from "../src/index.ts";

const { PHOENIXD_URL: url = "", PHOENIXD_PASSWORD: password = "", PHOENIXD_PAY_INVOICE: bolt11 = "" } = process.env;
const isThere = url !== "" && password !== "";

describe.skipIf(!isThere)("a real phoenixd (set PHOENIXD_URL and PHOENIXD_PASSWORD)", () => {
  const options = { url, password };

  it("creates an invoice and looks it up", async () => {
    const provider = createPhoenixd(options);
    const invoice = await provider.createInvoice({ amountMsat: 1_000, description: "test", expiresInSeconds: 600 });
    expect(decodeInvoice(invoice.bolt11)).toMatchObject({ amountMsat: 1_000n, paymentHash: invoice.paymentHash });
    expect(await provider.lookupInvoice(invoice)).toEqual({ status: "open" });
  });

  it("rejects an invoice that it does not know, and has no payment that it never made", async () => {
    const paymentHash = "ab".repeat(32);
    await expect(createPhoenixd(options).lookupInvoice({ paymentHash })).rejects.toMatchObject({
      code: "PROVIDER_REJECTED",
    });
    expect((await createPhoenixdWallet(options).lookupPayment(paymentHash)).status).toBe("not-found");
  });

  it.skipIf(bolt11 === "")("pays an invoice (set PHOENIXD_PAY_INVOICE)", async () => {
    const wallet = createPhoenixdWallet(options);
    const { paymentHash, amountMsat } = decodeInvoice(bolt11);
    const paid = await wallet.payInvoice({ bolt11, maxFeeMsat: wallet.feeReserveMsat(Number(amountMsat)) });
    expect(paid.status).toBe("paid");
    expect(await wallet.lookupPayment(paymentHash)).toEqual(paid);
  });
});
