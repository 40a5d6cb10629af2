import { bytesFromBase64, checkWebhookSignature } from "@l402/backend";
import { type Clock, isL402Error, L402Error } from "@l402/core";

export interface BlinkWebhook {
  /** The request's body, exactly as received. */
  body: string;
  /** The headers `svix-id`, `svix-timestamp` and `svix-signature`. */
  id: string | null | undefined;
  timestamp: string | null | undefined;
  signature: string | null | undefined;
  /** The secret of the endpoint, from Blink's dashboard. It begins with `whsec_`. */
  secret: string;
  /** The highest age of a delivery in seconds. Default 300. */
  toleranceSeconds?: number;
  clock?: Clock;
}

/** While a secret is being changed, Blink sends more than one signature. */
const MAX_SIGNATURES = 10;

/**
 * Returns the payment hash of a webhook. Throws WEBHOOK_INVALID unless Blink recently signed it with the secret, and it
 * is about a received payment.
 *
 * The webhook is only a hint: look the invoice up before you act, because a delivery can be sent again.
 */
export async function verifyBlinkWebhook(delivery: BlinkWebhook): Promise<{ paymentHash: string }> {
  const { body, id, timestamp, signature, secret, toleranceSeconds = 300, clock = () => new Date() } = delivery;
  const key = bytesFromBase64(/^whsec_(.+)$/.exec(secret)?.[1]);
  if (!key) {
    throw new L402Error(
      "CONFIG_INVALID",
      "verifyBlinkWebhook: secret must be the secret of the webhook endpoint, which begins with whsec_.",
    );
  }
  if (!id || !/^\d{1,12}$/.test(timestamp ?? ""))
    throw invalid("The webhook has no valid svix-id and svix-timestamp headers.");
  const signatures = (signature ?? "").split(" ").filter((each) => each.startsWith("v1,"));
  await checkAny(key, `${id}.${timestamp}.${body}`, signatures.slice(0, MAX_SIGNATURES));
  const ageSeconds = Math.abs(clock().getTime() / 1000 - Number(timestamp));
  if (!(ageSeconds <= toleranceSeconds))
    throw invalid("The webhook was signed too long ago, or one of the clocks is wrong.");
  const paymentHash = paymentHashIn(body);
  if (paymentHash === undefined)
    throw invalid("Blink signed this webhook, but it does not report a received Lightning payment. Ignore it.");
  return { paymentHash };
}

async function checkAny(key: Uint8Array<ArrayBuffer>, message: string, signatures: readonly string[]): Promise<void> {
  for (const each of signatures) {
    try {
      return await checkWebhookSignature(key, message, bytesFromBase64(each.slice(3)));
    } catch (error) {
      if (!isL402Error(error) || error.code !== "WEBHOOK_INVALID") throw error;
    }
  }
  throw invalid("None of the signatures in the svix-signature header matches the body and the secret.");
}

function paymentHashIn(body: string): string | undefined {
  try {
    const { eventType, transaction } = JSON.parse(body);
    // Between two Blink accounts, an invoice is paid without Lightning.
    if (eventType !== "receive.lightning" && eventType !== "receive.intraledger") return undefined;
    const paymentHash = transaction?.initiationVia?.paymentHash;
    return typeof paymentHash === "string" && /^[0-9a-f]{64}$/.test(paymentHash) ? paymentHash : undefined;
  } catch {
    return undefined;
  }
}

const invalid = (what: string) => new L402Error("WEBHOOK_INVALID", what);
