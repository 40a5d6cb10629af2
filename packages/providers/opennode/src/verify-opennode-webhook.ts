import { bytesFromHex, checkWebhookSignature } from "@l402/backend";
import { L402Error } from "@l402/core";

export interface OpennodeWebhook {
  /** The request's body, exactly as received: a form. */
  body: string;
  /** The key that the charge was created with; OpenNode signs with that. */
  apiKey: string;
}

/**
 * The charge that a webhook is about, as the `providerRef` of its invoice. Throws WEBHOOK_INVALID unless OpenNode signed it
 * with the key.
 *
 * It is a hint: look the invoice up before you act. The signature covers only the charge's id, so the status and the amount
 * beside it can be anybody's, and a delivery can be sent again for ever.
 */
export async function verifyOpennodeWebhook({ body, apiKey }: OpennodeWebhook): Promise<{ providerRef: string }> {
  const form = new URLSearchParams(body);
  const [id, ...otherIds] = form.getAll("id");
  const [signature, ...otherSignatures] = form.getAll("hashed_order");
  if (!id || otherIds.length > 0 || otherSignatures.length > 0) {
    throw new L402Error("WEBHOOK_INVALID", "The body is not the form of one charge.");
  }
  await checkWebhookSignature(apiKey, id, bytesFromHex(signature));
  return { providerRef: id };
}
