import {
  type Answer,
  type ConnectionOptions,
  checkAmount,
  checkedInvoice,
  createBackend,
  readFields,
} from "@l402/backend";
import { checkOption, type InvoiceState, L402Error, type LightningProvider, refuseUnknownOptions } from "@l402/core";

export interface LightningChargeOptions extends ConnectionOptions {
  /** The URL of Lightning Charge, such as `http://127.0.0.1:9112`. */
  url: string | undefined;
  /** The token of `charged --api-token`. Lightning Charge has only this one token, with all permissions. */
  apiToken: string | undefined;
}

/**
 * Receives payments with Lightning Charge, a REST server in front of Core Lightning.
 *
 * Legacy: the last release of Lightning Charge is from 2023. For a new shop, use `@l402/cln` with the same node.
 */
export function createLightningCharge(options: LightningChargeOptions): LightningProvider {
  refuseUnknownOptions("createLightningCharge", options, ["url", "apiToken", "timeoutSeconds", "fetch"]);
  const { url, apiToken, timeoutSeconds, fetch } = options;
  checkOption(
    typeof apiToken === "string" && /^[!-~]+$/.test(apiToken),
    "createLightningCharge: apiToken",
    "the API token with which Lightning Charge was started (charged --api-token)",
  );
  const backend = createBackend({
    name: "Lightning Charge",
    owner: "createLightningCharge",
    url,
    headers: { authorization: `Basic ${btoa(`api-token:${apiToken}`)}` },
    explain,
    timeoutSeconds,
    fetch,
  });

  return {
    name: "lightning-charge",
    preimageProvesPayment: true,

    async createInvoice(input) {
      const { amountMsat, description, expiresInSeconds, signal } = input;
      // Lightning Charge reads 0 as "any amount".
      checkAmount("Lightning Charge", amountMsat);
      const answer = await backend.ask({
        method: "POST",
        path: "/invoice",
        json: { msatoshi: String(amountMsat), description, expiry: expiresInSeconds },
        signal,
      });
      const fields = readFields("Lightning Charge", answer);
      return checkedInvoice("Lightning Charge", input, {
        bolt11: fields.text("payreq"),
        paymentHash: fields.text("rhash"),
        providerRef: fields.text("id"),
      });
    },

    async lookupInvoice({ paymentHash, providerRef }, { signal } = {}): Promise<InvoiceState> {
      if (providerRef === undefined) {
        throw new L402Error(
          "PROVIDER_REJECTED",
          "Lightning Charge can look up an invoice only by its id (providerRef), which is missing.",
          {
            hint: "Pass the providerRef of the invoice that createInvoice returned.",
          },
        );
      }
      const answer = await backend.ask({ path: `/invoice/${encodeURIComponent(providerRef)}`, signal });
      const fields = readFields("Lightning Charge", answer);
      const status = fields.text("status");
      // SECURITY: the payment of another invoice does not count (lightning-charge.test.ts, "the payment of another
      // invoice").
      if (fields.text("rhash") !== paymentHash) {
        throw new L402Error(
          "PROVIDER_BAD_RESPONSE",
          "Lightning Charge answered about another payment hash than the requested one.",
        );
      }
      if (status === "unpaid") return { status: "open" };
      if (status === "expired") return { status: "expired" };
      if (status !== "paid") throw fields.unknownValue("status");
      const paidAt = fields.optionalWhole("paid_at");
      const receivedMsat = fields.optionalWhole("msatoshi_received");
      return {
        status: "settled",
        ...(paidAt && { settledAt: new Date(paidAt * 1000) }),
        ...(receivedMsat !== undefined && { receivedMsat }),
      };
    },
  };
}

/** Lightning Charge's own 404 is exactly this text. A wrong path and other servers answer with a page. */
const explain = ({ status, text }: Answer) =>
  status === 404 && text === "Not Found"
    ? ({
        code: "PROVIDER_REJECTED",
        hint: "Lightning Charge has no such invoice. Check that url leads to the server that created it.",
      } as const)
    : undefined;
