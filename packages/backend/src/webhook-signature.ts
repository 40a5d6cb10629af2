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

export function bytesFromHex(text: string | null | undefined): Uint8Array<ArrayBuffer> | undefined {
  if (!text || !/^([0-9a-f]{2})+$/i.test(text)) return undefined;
  return Uint8Array.from(text.match(/../g) as string[], (pair) => Number.parseInt(pair, 16));
}

/** Decodes standard or URL-safe base64. */
export function bytesFromBase64(text: string | null | undefined): Uint8Array<ArrayBuffer> | undefined {
  if (!text) return undefined;
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}

export const hexFromBytes = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
