import { checkAmount, checkedInvoice, knownPreimage, readFields } from "@l402/backend";
import { checkOption, type InvoiceState, L402Error, type LightningProvider } from "@l402/core";
import { type BtcpayOptions, checkSameHash, codeOf, createBtcpayBackend } from "./btcpay-backend.ts";

export interface BtcpayProviderOptions extends BtcpayOptions {
  /** Adds route hints to the invoices, for a node that has only private channels. Default false. */
  privateRouteHints?: boolean | undefined;
  /**
   * Whether the store's node keeps a preimage secret until the invoice is paid. Default true. With `false`, a paywall
   * also asks BTCPay whether the invoice was paid.
   */
  preimageProvesPayment?: boolean | undefined;
}

/** Receives payments with the Lightning node of a BTCPay store. */
export function createBtcpay(options: BtcpayProviderOptions): LightningProvider {
  const { ask, lightning } = createBtcpayBackend("createBtcpay", options, [
    "privateRouteHints",
    "preimageProvesPayment",
  ]);
  const { privateRouteHints = false, preimageProvesPayment = true } = options;
  checkOption(typeof privateRouteHints === "boolean", "createBtcpay: privateRouteHints", "true or false");
  checkOption(typeof preimageProvesPayment === "boolean", "createBtcpay: preimageProvesPayment", "true or false");

  return {
    name: "btcpay",
    preimageProvesPayment,

    async createInvoice(input) {
      const { amountMsat, description, expiresInSeconds, signal } = input;
      checkAmount("BTCPay", amountMsat);
      const answer = await ask({
        method: "POST",
        path: `${lightning}/invoices`,
        // Without an expiry, BTCPay reads it as 0 and refuses.
        json: { amount: String(amountMsat), description, expiry: expiresInSeconds, privateRouteHints },
        signal,
      });
      const fields = readFields("BTCPay", answer);
      return checkedInvoice("BTCPay", input, {
        bolt11: fields.text("BOLT11"),
        paymentHash: fields.optionalText("paymentHash"),
        // With some nodes the id is the payment hash, with others a label or another id.
        providerRef: fields.text("id"),
      });
    },

    async lookupInvoice({ paymentHash, providerRef }, { signal } = {}): Promise<InvoiceState> {
      const path = `${lightning}/invoices/${encodeURIComponent(providerRef ?? paymentHash)}`;
      const answer = await ask({ path, accept: [404], signal });
      if (answer.status === 404) {
        if (codeOf(answer) !== "invoice-not-found") throw notItsAnswer();
        // An LND node hides an expired, unpaid invoice. An invoice with a reference did exist.
        if (providerRef !== undefined) return { status: "canceled" };
        throw new L402Error(
          "PROVIDER_REJECTED",
          "The Lightning node of the BTCPay store has no invoice with this payment hash.",
        );
      }
      const fields = readFields("BTCPay", answer);
      const status = fields.text("status");
      checkSameHash(answer, paymentHash);
      if (status === "Unpaid") return { status: "open" };
      if (status === "Expired") return { status: "expired" };
      if (status !== "Paid") throw fields.unknownValue("status");
      // SECURITY: with an LND or phoenixd node, BTCPay also shows the preimage of an unpaid invoice. This function
      // returns the preimage only after the payment (btcpay-traps.test.ts, "hands out no preimage before the payment").
      const paidAt = fields.optionalWhole("paidAt");
      const receivedMsat = fields.optionalWhole("amountReceived");
      return {
        status: "settled",
        ...knownPreimage(fields.find("preimage"), paymentHash),
        ...(paidAt && { settledAt: new Date(paidAt * 1000) }),
        ...(receivedMsat !== undefined && { receivedMsat }),
      };
    },
  };
}

const notItsAnswer = () =>
  new L402Error("PROVIDER_BAD_RESPONSE", "BTCPay answered with HTTP 404, but the answer is not about the invoice.", {
    hint: "Check url and storeId, and that a Lightning node is connected to the store.",
  });
