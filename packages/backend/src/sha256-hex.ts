import { hexFromBytes } from "./webhook-signature.ts";

/** The SHA-256 of a text in UTF-8, as an invoice holds that of its description. */
export async function sha256Hex(text: string): Promise<string> {
  return hexFromBytes(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
}
