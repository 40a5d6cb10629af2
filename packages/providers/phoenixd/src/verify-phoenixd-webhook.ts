import { bytesFromHex, checkWebhookSignature } from "@l402/backend";
import { L402Error } from "@l402/core";

export interface PhoenixdWebhook {
  /** The request's body, exactly as received. */
  body: string;
  /** The `X-Phoenix-Signature` header. */
  signature: string | null | undefined;
  /** The `webhook-secret` from phoenix.conf. */
  secret: string;
}

/**
 * Returns the payment hash of a webhook. Throws WEBHOOK_INVALID unless phoenixd signed it with the secret.
 *
 * The webhook is only a hint: look the invoice up before you act, because an old delivery can be sent again.
 */
export async function verifyPhoenixdWebhook({
  body,
  signature,
  secret,
}: PhoenixdWebhook): Promise<{ paymentHash: string }> {
  await checkWebhookSignature(secret, body, bytesFromHex(signature), "verifyPhoenixdWebhook: secret");
  const paymentHash = paymentHashIn(body);
  if (paymentHash === undefined) {
    throw new L402Error("WEBHOOK_INVALID", "phoenixd signed this webhook, but it does not report a received payment.", {
      hint: "Ignore this webhook. No money moved because of it.",
    });
  }
  return { paymentHash };
}

function paymentHashIn(body: string): string | undefined {
  try {
    const { type, paymentHash } = JSON.parse(body);
    const isHash = typeof paymentHash === "string" && /^[0-9a-f]{64}$/.test(paymentHash);
    return type === "payment_received" && isHash ? paymentHash : undefined;
  } catch {
    return undefined;
  }
}
