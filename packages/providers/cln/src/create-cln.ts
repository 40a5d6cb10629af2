import { checkAmount, checkedInvoice, checkPaymentHash, knownPreimage, readFields } from "@l402/backend";
import { checkOption, type InvoiceState, L402Error, type LightningProvider } from "@l402/core";
import { type ClnOptions, createClnBackend } from "./cln-backend.ts";

export interface ClnProviderOptions extends ClnOptions {
  /** Whether invoices contain route hints for private channels. Default: only if the node has no public channel. */
  privateRouteHints?: boolean | undefined;
  /**
   * Called with each warning of Core Lightning, such as `warning_capacity`: the new invoice may be impossible to pay.
   */
  onWarning?: ((warning: string) => void) | undefined;
}

/** Receives payments with your own Core Lightning node. */
export function createCln(options: ClnProviderOptions): LightningProvider {
  const backend = createClnBackend("createCln", options, ["privateRouteHints", "onWarning"]);
  const { privateRouteHints, onWarning } = options;
  checkOption(
    privateRouteHints === undefined || typeof privateRouteHints === "boolean",
    "createCln: privateRouteHints",
    "true, false or left out",
  );
  checkOption(onWarning === undefined || typeof onWarning === "function", "createCln: onWarning", "a function");

  return {
    name: "cln",
    preimageProvesPayment: true,

    async createInvoice(input) {
      const { amountMsat, description, expiresInSeconds, signal } = input;
      checkAmount("CLN", amountMsat);
      const answer = await backend.call(
        "invoice",
        {
          amount_msat: amountMsat,
          label: `l402-${crypto.randomUUID()}`,
          // JSON writes these characters as \u…, which Core Lightning refuses.
          description: description.replace(/[\p{Cc}\p{Cs}]/gu, " "),
          expiry: expiresInSeconds,
          ...(privateRouteHints !== undefined && { exposeprivatechannels: privateRouteHints }),
        },
        { signal },
      );
      const fields = readFields("CLN", answer);
      const paymentHash = fields.text("payment_hash");
      const invoice = checkedInvoice("CLN", input, { bolt11: fields.text("bolt11"), paymentHash });
      for (const name of Object.keys(answer.body as object)) if (/^warning_[a-z_]+$/.test(name)) onWarning?.(name);
      return invoice;
    },

    async lookupInvoice({ paymentHash }, { signal } = {}): Promise<InvoiceState> {
      checkPaymentHash("CLN", paymentHash);
      const answer = await backend.call("listinvoices", { payment_hash: paymentHash }, { signal });
      const [body] = readFields("CLN", answer).list("invoices");
      if (body === undefined) {
        throw new L402Error("PROVIDER_REJECTED", "CLN has no invoice with this payment hash.", {
          hint: "Check that url leads to the node that created the invoice, and that the invoice was not deleted there.",
        });
      }
      const fields = readFields("CLN", { body, fundsMoved: "no" });
      if (fields.text("payment_hash") !== paymentHash) throw fields.unknownValue("payment_hash");
      const status = fields.text("status");
      if (status === "unpaid") return { status: "open" };
      if (status === "expired") return { status: "expired" };
      if (status !== "paid") throw fields.unknownValue("status");
      const settledAt = fields.optionalWhole("paid_at");
      const receivedMsat = fields.optionalWhole("amount_received_msat");
      return {
        status: "settled",
        ...knownPreimage(fields.find("payment_preimage"), paymentHash),
        ...(settledAt && { settledAt: new Date(settledAt * 1000) }),
        ...(receivedMsat !== undefined && { receivedMsat }),
      };
    },
  };
}
