import {
  type Answer,
  type ConnectionOptions,
  checkAmount,
  checkedInvoice,
  checkPaymentHash,
  createBackend,
  type Fields,
  invoiceIn,
  type Refusal,
  readFields,
} from "@l402/backend";
import { checkOption, type InvoiceState, L402Error, type LightningProvider, refuseUnknownOptions } from "@l402/core";

export interface OpennodeOptions extends ConnectionOptions {
  /** The API key from app.opennode.com. A key that may create invoices is enough. */
  apiKey: string | undefined;
  /**
   * Default `https://api.opennode.com`. The test network is at `https://dev-api.opennode.com`, and needs its own keys.
   */
  url?: string | undefined;
}

const MIN_MINUTES = 10;
const MAX_MINUTES = 1440;

/**
 * Receives payments with an OpenNode account. There is no wallet, because OpenNode never returns the preimage of an
 * invoice that it paid. Without the preimage, a buyer cannot use the payment.
 */
export function createOpennode(options: OpennodeOptions): LightningProvider {
  refuseUnknownOptions("createOpennode", options, ["apiKey", "url", "timeoutSeconds", "fetch"]);
  const { apiKey, url = "https://api.opennode.com", timeoutSeconds, fetch } = options;
  checkOption(
    typeof apiKey === "string" && /^[!-~]{8,}$/.test(apiKey),
    "createOpennode: apiKey",
    'an API key from app.opennode.com, without "Bearer" or spaces',
  );
  const backend = createBackend({
    name: "OpenNode",
    owner: "createOpennode",
    url,
    // The header holds only the key: OpenNode refuses it with "Bearer" in front.
    headers: { authorization: apiKey },
    explain,
    timeoutSeconds,
    fetch,
  });

  return {
    name: "opennode",
    preimageProvesPayment: true,

    async createInvoice(input) {
      const { amountMsat, description, expiresInSeconds, signal } = input;
      checkAmount("OpenNode", amountMsat, "sat");
      const minutes = Math.ceil(expiresInSeconds / 60);
      const answer = await backend.ask({
        method: "POST",
        path: "/v1/charges",
        // Without a currency, the amount is in sats.
        json: {
          amount: amountMsat / 1000,
          description,
          ttl: Math.min(Math.max(minutes, MIN_MINUTES), MAX_MINUTES),
        },
        signal,
      });
      const fields = readFields("OpenNode", answer);
      const providerRef = fields.text("data.id");
      if (!isChargeId(providerRef)) throw fields.unknownValue("data.id");
      // The id is not a payment hash, and the answer has no such field: the hash is read from the invoice.
      return checkedInvoice("OpenNode", input, { bolt11: fields.text("data.lightning_invoice.payreq"), providerRef });
    },

    async lookupInvoice({ paymentHash, providerRef }, { signal } = {}): Promise<InvoiceState> {
      checkPaymentHash("OpenNode", paymentHash);
      if (!isChargeId(providerRef)) {
        throw new L402Error(
          "PROVIDER_REJECTED",
          "OpenNode can look up an invoice only by its charge id (providerRef), which is missing or malformed.",
          {
            hint: "Pass the providerRef of the invoice that createInvoice returned.",
          },
        );
      }
      const answer = await backend.ask({ path: `/v1/charge/${providerRef}`, signal });
      const fields = readFields("OpenNode", answer);
      // SECURITY: the payment of another charge does not count (opennode.test.ts, "the charge of another").
      if (invoiceIn(fields.text("data.lightning_invoice.payreq"))?.paymentHash !== paymentHash) {
        throw fields.unknownValue("data.lightning_invoice.payreq");
      }
      return stateOf(fields);
    },
  };
}

function stateOf(fields: Fields): InvoiceState {
  const status = fields.text("data.status");
  switch (status) {
    case "unpaid":
    // OpenNode uses these two when coins arrive on the chain. The invoice can still be paid.
    case "processing":
    case "underpaid":
      return { status: "open" };
    case "expired":
      return { status: "expired" };
    case "refunded":
      return { status: "canceled" };
    case "paid": {
      // SECURITY: a charge can also be paid on the chain, without a preimage for the buyer (opennode.test.ts, "on the
      // chain").
      const settledAt = fields.optionalWhole("data.lightning_invoice.settled_at");
      if (settledAt) return { status: "settled", settledAt: new Date(settledAt * 1000) };
      if (fields.optionalWhole("data.chain_invoice.settled_at")) return { status: "canceled" };
      throw fields.unknownValue("data.lightning_invoice.settled_at");
    }
    default:
      throw fields.unknownValue("data.status");
  }
}

/** OpenNode answers 404 with its own message to an unknown id. A wrong url gets other messages. */
function explain({ status, body }: Answer): Refusal | undefined {
  const isOwn = typeof body === "object" && body !== null && (body as { success?: unknown }).success === false;
  if (status !== 404 || !isOwn) return undefined;
  return {
    code: "PROVIDER_REJECTED",
    hint: "The OpenNode account of this API key has no charge with this id. Check that apiKey and url belong to the account that created the invoice.",
  };
}

const isChargeId = (id: string | undefined): id is string => id !== undefined && /^[A-Za-z0-9_-]{1,100}$/.test(id);
