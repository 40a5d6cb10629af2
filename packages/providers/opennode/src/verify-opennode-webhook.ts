import { bytesFromHex, checkWebhookSignature } from "@l402/backend";
import { L402Error } from "@l402/core";

export interface OpennodeWebhook {
  /** The request's body, a form, exactly as received. */
  body: string;
  /** The key with which the charge was created. OpenNode signs with this key. */
  apiKey: string;
}

/**
 * Returns the charge of a webhook, as the `providerRef` of its invoice. Throws WEBHOOK_INVALID unless OpenNode signed
 * it with the key.
 *
 * The webhook is only a hint: look the invoice up before you act. The signature covers only the id of the charge. So an
 * attacker can change the status and the amount, and can send the same delivery again at any time.
 */
export async function verifyOpennodeWebhook({ body, apiKey }: OpennodeWebhook): Promise<{ providerRef: string }> {
  const form = new URLSearchParams(body);
  const [id, ...otherIds] = form.getAll("id");
  const [signature, ...otherSignatures] = form.getAll("hashed_order");
  if (!id || otherIds.length > 0 || otherSignatures.length > 0) {
    throw new L402Error("WEBHOOK_INVALID", "The body of the webhook is not a form with exactly one charge id.");
  }
  await checkWebhookSignature(apiKey, id, bytesFromHex(signature), "verifyOpennodeWebhook: apiKey");
  return { providerRef: id };
}
