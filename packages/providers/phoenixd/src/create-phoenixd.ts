import { checkAmount, checkedInvoice, checkPaymentHash, knownPreimage, readFields, sha256Hex } from "@l402/backend";
import { type InvoiceState, L402Error, type LightningProvider } from "@l402/core";
import { createPhoenixdBackend, isNotFound, type PhoenixdOptions } from "./phoenixd-backend.ts";

const MAX_DESCRIPTION = 128;

/** Receives payments with your own phoenixd. */
export function createPhoenixd(options: PhoenixdOptions): LightningProvider {
  const backend = createPhoenixdBackend("createPhoenixd", options);

  return {
    name: "phoenixd",
    preimageProvesPayment: true,

    async createInvoice(input) {
      const { amountMsat, description, expiresInSeconds, signal } = input;
      checkAmount("phoenixd", amountMsat, "sat");
      const answer = await backend.ask({
        method: "POST",
        path: "/createinvoice",
        form: {
          amountSat: String(amountMsat / 1000),
          ...(description.length <= MAX_DESCRIPTION
            ? { description }
            : { descriptionHash: await sha256Hex(description) }),
          expirySeconds: String(expiresInSeconds),
        },
        signal,
      });
      const fields = readFields("phoenixd", answer);
      return checkedInvoice("phoenixd", input, {
        bolt11: fields.text("serialized"),
        paymentHash: fields.text("paymentHash"),
      });
    },

    async lookupInvoice({ paymentHash }, { signal } = {}): Promise<InvoiceState> {
      checkPaymentHash("phoenixd", paymentHash);
      const answer = await backend.ask({ path: `/payments/incoming/${paymentHash}`, accept: [404], signal });
      if (isNotFound(answer)) {
        throw new L402Error("PROVIDER_REJECTED", "phoenixd has no invoice with this payment hash.");
      }
      const fields = readFields("phoenixd", answer);
      // SECURITY: another payment does not count (phoenixd-provider.test.ts, "that is about another payment").
      if (fields.text("paymentHash") !== paymentHash) throw fields.unknownValue("paymentHash");
      // Do not compare the amount: phoenixd may have deducted a fee for liquidity.
      if (!fields.flag("isPaid")) return { status: fields.flag("isExpired") ? "expired" : "open" };
      // SECURITY: phoenixd always shows the preimage. This function returns it only after the payment
      // (phoenixd-provider.test.ts, "hands out no preimage before the payment").
      const completedAt = fields.optionalWhole("completedAt");
      const receivedSat = fields.optionalWhole("receivedSat");
      return {
        status: "settled",
        ...knownPreimage(fields.find("preimage"), paymentHash),
        ...(completedAt && { settledAt: new Date(completedAt) }),
        // The received amount is lower than the invoice's if phoenixd took a fee for liquidity. It is zero if the whole
        // payment became credit for such fees.
        ...(receivedSat !== undefined && { receivedMsat: receivedSat * 1000 }),
      };
    },
  };
}
