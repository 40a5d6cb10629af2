import { decodeInvoice } from "@l402/core";
import { describe, expect, it } from "vitest";
import { type ClnOptions, createCln, createClnWallet } from "../src/index.ts";

const { CLN_URL: url = "", CLN_RUNE: rune = "", CLN_TLS_CERT: tlsCert } = process.env;
const { CLN_PAY_RUNE: payRune, CLN_PAY_INVOICE: bolt11 = "" } = process.env;
const canReceive = url !== "" && rune !== "";
const canPay = canReceive && payRune !== undefined && bolt11 !== "";

describe.skipIf(!canReceive)(
  "a real Core Lightning (set CLN_URL, CLN_RUNE, and the text of its ca.pem as CLN_TLS_CERT)",
  () => {
    const options: ClnOptions = { url, rune, ...(tlsCert && { tlsCert }) };

    it("creates an invoice and looks it up", async () => {
      const provider = createCln(options);
      const invoice = await provider.createInvoice({
        amountMsat: 1_500,
        description: "test ☕",
        expiresInSeconds: 600,
      });
      expect(decodeInvoice(invoice.bolt11)).toMatchObject({ amountMsat: 1_500n, paymentHash: invoice.paymentHash });
      expect(await provider.lookupInvoice(invoice)).toEqual({ status: "open" });
    });

    it("rejects an invoice that it does not know", async () => {
      const lookup = createCln(options).lookupInvoice({ paymentHash: "ab".repeat(32) });
      await expect(lookup).rejects.toMatchObject({ code: "PROVIDER_REJECTED" });
    });

    it("explains a wrong rune", async () => {
      const provider = createCln({ ...options, rune: `${"A".repeat(46)}==` });
      const lookup = provider.lookupInvoice({ paymentHash: "ab".repeat(32) });
      await expect(lookup).rejects.toMatchObject({ code: "PROVIDER_UNAUTHORIZED" });
    });

    it.skipIf(!canPay)("pays an invoice (set CLN_PAY_RUNE and CLN_PAY_INVOICE)", async () => {
      const wallet = createClnWallet({ ...options, rune: payRune ?? "" });
      expect((await wallet.lookupPayment("ab".repeat(32))).status).toBe("not-found");
      const paid = await wallet.payInvoice({ bolt11, maxFeeMsat: 10_000 });
      expect(paid.status).toBe("paid");
      expect(await wallet.payInvoice({ bolt11, maxFeeMsat: 10_000 })).toEqual(paid);
      expect(await wallet.lookupPayment(decodeInvoice(bolt11).paymentHash)).toEqual(paid);
    });
  },
);
