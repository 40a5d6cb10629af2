import { checkAmount, checkedInvoice, checkPaymentHash, knownPreimage, readFields } from "@l402/backend";
import { type InvoiceState, L402Error, type LightningProvider } from "@l402/core";
import { createLnbitsBackend, isNoPayment, type LnbitsConnection, readRow } from "./lnbits-backend.ts";

export interface LnbitsOptions extends LnbitsConnection {
  /** The wallet's *Invoice/read key*. It cannot spend. */
  invoiceKey: string | undefined;
}

/** Receives payments into a wallet of an LNbits server. */
export function createLnbits(options: LnbitsOptions): LightningProvider {
  const backend = createLnbitsBackend("createLnbits", options, "invoiceKey");

  return {
    name: "lnbits",
    // SECURITY: LNbits 1.1 to 1.5 show the preimage of an unpaid invoice to anybody (real-lnbits.test.ts, "the preimage
    // that LNbits gives away buys nothing"). So a paywall must also ask whether the invoice was paid.
    preimageProvesPayment: false,

    async createInvoice(input) {
      const { amountMsat, description, expiresInSeconds, signal } = input;
      checkAmount("LNbits", amountMsat, "sat");
      const answer = await backend.ask({
        method: "POST",
        path: "/api/v1/payments",
        // Without `out`, LNbits reads the request as an order to pay.
        json: { out: false, unit: "sat", amount: amountMsat / 1000, memo: description, expiry: expiresInSeconds },
        signal,
      });
      const fields = readFields("LNbits", answer);
      // Up to 0.12 there was only payment_request, from 1.0 to 1.2 only bolt11, and since 1.3 there are both.
      const bolt11 = fields.optionalText("bolt11") ?? fields.text("payment_request");
      return checkedInvoice("LNbits", input, { bolt11, paymentHash: fields.text("payment_hash") });
    },

    async lookupInvoice({ paymentHash }, { signal } = {}): Promise<InvoiceState> {
      checkPaymentHash("LNbits", paymentHash);
      const answer = await backend.ask({ path: `/api/v1/payments/${paymentHash}`, accept: isNoPayment, signal });
      if (isNoPayment(answer))
        throw new L402Error("PROVIDER_REJECTED", "LNbits has no invoice with this payment hash in this wallet.");
      const { paid, failed, amountMsat, preimage } = readRow(readFields("LNbits", answer), paymentHash);
      // SECURITY: an invoice that this wallet itself has paid is not income (lnbits-traps.test.ts, "an outgoing
      // payment").
      if (amountMsat <= 0) {
        throw new L402Error(
          "PROVIDER_REJECTED",
          "This LNbits wallet itself paid the invoice, so the payment does not count as income.",
          {
            hint: "Use different wallets for selling and for paying.",
          },
        );
      }
      // SECURITY: LNbits shows the preimage before the payment. This function returns it only after the payment
      // (lnbits-traps.test.ts, "a preimage before the payment").
      if (paid) return { status: "settled", ...knownPreimage(preimage, paymentHash) };
      return { status: failed ? "expired" : "open" };
    },
  };
}
