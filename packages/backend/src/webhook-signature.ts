import { L402Error } from "@l402/core";

const utf8 = new TextEncoder();

/** Checks an HMAC-SHA256 in constant time. Throws WEBHOOK_INVALID. */
export async function checkWebhookSignature(
  key: string | Uint8Array<ArrayBuffer>,
  message: string,
  signature: Uint8Array<ArrayBuffer> | undefined,
): Promise<void> {
  const bytes = typeof key === "string" ? utf8.encode(key) : key;
  if (!bytes?.length) throw new L402Error("CONFIG_INVALID", "The webhook's secret is missing.");
  const hmac = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  const isValid =
    signature !== undefined && (await crypto.subtle.verify("HMAC", hmac, signature, utf8.encode(message)));
  if (!isValid) throw new L402Error("WEBHOOK_INVALID", "The signature does not match.");
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
