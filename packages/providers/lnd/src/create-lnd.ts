import {
  bytesFromBase64,
  checkAmount,
  checkedInvoice,
  checkPaymentHash,
  hexFromBytes,
  knownPreimage,
  readFields,
} from "@l402/backend";
import { checkOption, type InvoiceState, type LightningProvider } from "@l402/core";
import { createLndBackend, type LndOptions } from "./lnd-backend.ts";

export interface LndProviderOptions extends LndOptions {
  /** Adds route hints to the invoices, for a node that has only private channels. Default false. */
  privateRouteHints?: boolean | undefined;
}

/** Receives payments with your own LND node. */
export function createLnd(options: LndProviderOptions): LightningProvider {
  const backend = createLndBackend("createLnd", options, ["privateRouteHints"]);
  const { privateRouteHints = false } = options;
  checkOption(typeof privateRouteHints === "boolean", "createLnd: privateRouteHints", "true or false");

  return {
    name: "lnd",
    preimageProvesPayment: true,

    async createInvoice(input) {
      const { amountMsat, description, expiresInSeconds, signal } = input;
      checkAmount("LND", amountMsat);
      const answer = await backend.ask({
        method: "POST",
        path: "/v1/invoices",
        json: {
          value_msat: String(amountMsat),
          memo: description,
          expiry: String(expiresInSeconds),
          private: privateRouteHints,
        },
        signal,
      });
      const fields = readFields("LND", answer);
      const paymentHash = hexFromBase64(fields.text("r_hash"));
      return checkedInvoice("LND", input, { bolt11: fields.text("payment_request"), paymentHash });
    },

    async lookupInvoice({ paymentHash }, { signal } = {}): Promise<InvoiceState> {
      checkPaymentHash("LND", paymentHash);
      const fields = readFields("LND", await backend.ask({ path: `/v1/invoice/${paymentHash}`, signal }));
      const state = fields.text("state");
      if (hexFromBase64(fields.optionalText("r_hash")) !== paymentHash) throw fields.unknownValue("r_hash");
      // ACCEPTED: the payment waits for the receiver's consent, and can still be sent back.
      if (state === "OPEN" || state === "ACCEPTED") return { status: "open" };
      if (state === "CANCELED") return { status: "canceled" };
      if (state !== "SETTLED") throw fields.unknownValue("state");
      // SECURITY: LND shows the preimage in every state. This function returns it only after the payment
      // (create-lnd.test.ts, "keeps the preimage that LND shows before the payment").
      const preimage = hexFromBase64(fields.optionalText("r_preimage"));
      const settledAt = fields.optionalWhole("settle_date");
      const receivedMsat = fields.optionalWhole("amt_paid_msat");
      return {
        status: "settled",
        ...knownPreimage(preimage, paymentHash),
        ...(settledAt && { settledAt: new Date(settledAt * 1000) }),
        ...(receivedMsat !== undefined && { receivedMsat }),
      };
    },
  };
}

const hexFromBase64 = (text: string | undefined): string => hexFromBytes(bytesFromBase64(text) ?? new Uint8Array());
