import { decodeInvoice } from "@l402/core";
import { describe, expect, it } from "vitest";
import { createLnd, createLndWallet, type LndOptions } from "../src/index.ts";

const { LND_URL: url = "", LND_MACAROON: macaroon = "", LND_TLS_CERT: tlsCert } = process.env;
const { LND_PAY_MACAROON: payMacaroon, LND_PAY_INVOICE: bolt11 = "" } = process.env;
const canReceive = url !== "" && macaroon !== "";
const canPay = canReceive && payMacaroon !== undefined && bolt11 !== "";

describe.skipIf(!canReceive)(
  "a real LND (set LND_URL, LND_MACAROON, and the text of its tls.cert as LND_TLS_CERT)",
  () => {
    const options: LndOptions = { url, macaroon, ...(tlsCert && { tlsCert }) };

    it("creates an invoice and looks it up", async () => {
      const provider = createLnd(options);
      const invoice = await provider.createInvoice({
        amountMsat: 1_500,
        description: "test ☕",
        expiresInSeconds: 600,
      });
      expect(decodeInvoice(invoice.bolt11)).toMatchObject({ amountMsat: 1_500n, paymentHash: invoice.paymentHash });
      expect(await provider.lookupInvoice(invoice)).toEqual({ status: "open" });
    });

    it("rejects an invoice that it does not know", async () => {
      const lookup = createLnd(options).lookupInvoice({ paymentHash: "ab".repeat(32) });
      await expect(lookup).rejects.toMatchObject({ code: "PROVIDER_REJECTED" });
    });

    it("explains a wrong macaroon", async () => {
      const provider = createLnd({ ...options, macaroon: "ab".repeat(60) });
      const lookup = provider.lookupInvoice({ paymentHash: "ab".repeat(32) });
      await expect(lookup).rejects.toMatchObject({ code: "PROVIDER_UNAUTHORIZED" });
    });

    it.skipIf(!canPay)("pays an invoice (set LND_PAY_MACAROON and LND_PAY_INVOICE)", async () => {
      const wallet = createLndWallet({ ...options, macaroon: payMacaroon ?? "" });
      expect((await wallet.lookupPayment("ab".repeat(32))).status).toBe("not-found");
      const paid = await wallet.payInvoice({ bolt11, maxFeeMsat: 10_000 });
      expect(paid.status).toBe("paid");
      expect(await wallet.payInvoice({ bolt11, maxFeeMsat: 10_000 })).toEqual(paid);
      expect(await wallet.lookupPayment(decodeInvoice(bolt11).paymentHash)).toEqual(paid);
    });
  },
);
