import { type Answer, type ConnectionOptions, createBackend, invoiceIn, type Refusal, readFields } from "@l402/backend";
import { checkOption, L402Error, refuseUnknownOptions } from "@l402/core";

export interface BtcpayOptions extends ConnectionOptions {
  /** The URL of BTCPay Server, such as `https://btcpay.example.com`; including its root path, if it has one. */
  url: string | undefined;
  /** The store id, from the store's settings. */
  storeId: string | undefined;
  /**
   * An API key. For selling, `btcpay.store.cancreatelightninginvoice` is enough; for paying,
   * `btcpay.store.canuselightningnode`.
   */
  apiKey: string | undefined;
  /** A certificate in PEM, if BTCPay Server uses its own certificate. */
  tlsCert?: string | undefined;
}

/** A connection to the Lightning node of one store. */
export function createBtcpayBackend(owner: string, options: BtcpayOptions, more: readonly string[] = []) {
  refuseUnknownOptions(owner, options, ["url", "storeId", "apiKey", "tlsCert", "timeoutSeconds", "fetch", ...more]);
  const { url, storeId, apiKey, tlsCert, timeoutSeconds, fetch } = options;
  checkOption(
    typeof storeId === "string" && /^\w{1,100}$/.test(storeId),
    `${owner}: storeId`,
    "the store id, which BTCPay shows in the settings of the store",
  );
  checkOption(
    typeof apiKey === "string" && /^\w{20,}$/.test(apiKey),
    `${owner}: apiKey`,
    "an API key, created in BTCPay under Account → API keys",
  );
  const backend = createBackend({
    name: "BTCPay",
    owner,
    url,
    headers: { authorization: `token ${apiKey}` },
    tlsCert,
    explain,
    timeoutSeconds,
    fetch,
  });
  return { ask: backend.ask, lightning: `/api/v1/stores/${storeId}/lightning/BTC` };
}

/**
 * The code in BTCPay's answer. Only this code tells its 404s apart: for missing invoices, payments, nodes and pages.
 */
export function codeOf(answer: Answer): string | undefined {
  return readFields("BTCPay", answer).optionalText("code");
}

function explain(answer: Answer): Refusal | undefined {
  if (answer.status !== 404) return undefined;
  const code = codeOf(answer);
  if (code === undefined) return undefined;
  return code === "lightning-not-configured"
    ? {
        code: "PROVIDER_REJECTED",
        hint: "No Lightning node is connected to the BTCPay store. Connect one in the settings of the store.",
      }
    : {
        code: "PROVIDER_REJECTED",
        hint: "BTCPay does not find this address of its API. Check storeId, and that the API key may use that store.",
      };
}

/**
 * Throws if the answer is about another payment hash, which would grant access for a different payment. Servers before
 * 1.7.4 send the hash only inside the BOLT11.
 */
export function checkSameHash(answer: Answer, paymentHash: string): void {
  const fields = readFields("BTCPay", answer);
  const named = fields.optionalText("paymentHash")?.toLowerCase() ?? invoiceIn(fields.text("BOLT11"))?.paymentHash;
  if (named === paymentHash) return;
  throw new L402Error("PROVIDER_BAD_RESPONSE", "BTCPay answered about another payment hash than the requested one.");
}
