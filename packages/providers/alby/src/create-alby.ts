import { checkAmount, checkedInvoice, checkPaymentHash, knownPreimage, readFields } from "@l402/backend";
import { checkOption, type InvoiceState, L402Error, type LightningProvider } from "@l402/core";
import { type AlbyOptions, createNwcConnection } from "./nwc-connection.ts";
import { refusalError } from "./nwc-error.ts";
import { readTransaction } from "./read-transaction.ts";

export interface AlbyProviderOptions extends AlbyOptions {
  /**
   * Whether the wallet keeps a preimage secret until the invoice is paid. Default true, as with Alby Hub. With `false`,
   * a paywall also asks the wallet whether the invoice was paid.
   */
  preimageProvesPayment?: boolean | undefined;
}

/** Receives payments with Alby Hub, or another wallet that speaks Nostr Wallet Connect. */
export function createAlby(options: AlbyProviderOptions): LightningProvider {
  const nwc = createNwcConnection("createAlby", options, ["preimageProvesPayment"]);
  const { preimageProvesPayment = true } = options;
  checkOption(typeof preimageProvesPayment === "boolean", "createAlby: preimageProvesPayment", "true or false");

  return {
    name: "alby",
    preimageProvesPayment,

    async createInvoice(input) {
      const { amountMsat, description, expiresInSeconds, signal } = input;
      // Alby Hub refuses fractions of a sat, with an error that does not say so.
      checkAmount("Alby", amountMsat, "sat");
      const params = { amount: amountMsat, description, expiry: expiresInSeconds };
      const reply = await nwc.ask({ method: "make_invoice", params, signal });
      if ("refused" in reply) throw refusalError(reply.refused, "make_invoice");
      const fields = readFields("The wallet", { body: reply.result, fundsMoved: "no" });
      const paymentHash = fields.optionalText("payment_hash");
      return checkedInvoice("The wallet", input, { bolt11: fields.text("invoice"), paymentHash });
    },

    async lookupInvoice({ paymentHash }, { signal } = {}): Promise<InvoiceState> {
      checkPaymentHash("Alby", paymentHash);
      const reply = await nwc.ask({ method: "lookup_invoice", params: { payment_hash: paymentHash }, signal });
      if ("refused" in reply) throw refusalError(reply.refused, "lookup_invoice");
      const { type, state, preimage, settledAt } = readTransaction(reply.result, paymentHash);
      // SECURITY: an invoice that the wallet itself has paid is not income (alby-provider.test.ts, "outgoing").
      if (type !== "incoming") {
        throw new L402Error(
          "PROVIDER_REJECTED",
          "This Nostr Wallet Connect wallet itself paid the invoice, so the payment does not count as income.",
          {
            hint: "Use different wallets for selling and for paying.",
          },
        );
      }
      if (state === "settled") {
        return { status: "settled", ...knownPreimage(preimage, paymentHash), ...(settledAt && { settledAt }) };
      }
      return { status: state === "failed" ? "canceled" : state };
    },
  };
}
