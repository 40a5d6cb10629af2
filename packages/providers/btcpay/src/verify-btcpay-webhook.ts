import { bytesFromHex, checkWebhookSignature } from "@l402/backend";
import { L402Error } from "@l402/core";

export interface BtcpayWebhook {
  /** The request's body, exactly as received. */
  body: string;
  /** The `BTCPay-Sig` header. */
  signature: string | null | undefined;
  /** The secret that BTCPay shows beside the webhook. */
  secret: string;
}

/**
 * Returns the id of the store invoice that a webhook is about. Throws WEBHOOK_INVALID unless BTCPay signed it with the
 * secret.
 *
 * The webhook is only a hint: look the invoice up before you act, because an old delivery can be sent again. It is
 * never about the Lightning invoices of `createBtcpay`: BTCPay has no webhooks for those.
 */
export async function verifyBtcpayWebhook({ body, signature, secret }: BtcpayWebhook): Promise<{ invoiceId: string }> {
  const [, hex] = /^sha256=([0-9a-f]{64})$/i.exec(signature ?? "") ?? [];
  await checkWebhookSignature(secret, body, bytesFromHex(hex), "verifyBtcpayWebhook: secret");
  const invoiceId = invoiceIdIn(body);
  if (invoiceId === undefined) {
    throw new L402Error("WEBHOOK_INVALID", "BTCPay signed this webhook, but it does not name an invoice.", {
      hint: "Ignore this webhook. Select only invoice events for it in BTCPay.",
    });
  }
  return { invoiceId };
}

function invoiceIdIn(body: string): string | undefined {
  try {
    const { invoiceId } = JSON.parse(body);
    return typeof invoiceId === "string" && invoiceId !== "" ? invoiceId : undefined;
  } catch {
    return undefined;
  }
}
