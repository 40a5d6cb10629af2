import { checkOption, L402Error } from "@l402/core";

const utf8 = new TextEncoder();

/** Checks an HMAC-SHA256 in constant time. Throws WEBHOOK_INVALID. `option` names the key, for a message about it. */
export async function checkWebhookSignature(
  key: string | Uint8Array<ArrayBuffer>,
  message: string,
  signature: Uint8Array<ArrayBuffer> | undefined,
  option = "The webhook's secret",
): Promise<void> {
  const bytes = typeof key === "string" ? utf8.encode(key) : key;
  checkOption(bytes?.length > 0, option, "a text that is not empty");
  const hmac = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  const isValid =
    signature !== undefined && (await crypto.subtle.verify("HMAC", hmac, signature, utf8.encode(message)));
  if (!isValid)
    throw new L402Error("WEBHOOK_INVALID", "The signature of the webhook does not match its body and the secret.");
}
