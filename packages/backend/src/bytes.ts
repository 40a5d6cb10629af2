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

/** The SHA-256 of a text in UTF-8, as an invoice holds that of its description. */
export async function sha256Hex(text: string): Promise<string> {
  return hexFromBytes(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
}
