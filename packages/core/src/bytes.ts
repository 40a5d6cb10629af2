// Converts bytes to text and back, without Buffer, so that every runtime runs the same code.

const utf8 = /* @__PURE__ */ new TextEncoder();

export const bytesOf = (text: string): Uint8Array => utf8.encode(text);

export const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => (byte + 256).toString(16).slice(1)).join("");

/** Decodes hex in either case; `undefined` for any other text. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 || !/^[0-9a-f]*$/i.test(text)) return undefined;
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}

/** Encodes as standard base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

export const toBase64Url = (bytes: Uint8Array): string =>
  unpadded(toBase64(bytes)).replaceAll("+", "-").replaceAll("/", "_");

/**
 * Decodes base64, standard or URL-safe, padded or not, because deployed clients re-encode tokens. Returns `undefined`
 * for any other text, and if unused bits are not zero: one value has one encoding.
 */
export function fromBase64(text: string): Uint8Array | undefined {
  const standard = text.replaceAll("-", "+").replaceAll("_", "/");
  let binary: string;
  try {
    binary = atob(standard);
  } catch {
    return undefined;
  }
  // `atob` ignores spaces and unused bits.
  const canonical = btoa(binary);
  if (standard !== canonical && standard !== unpadded(canonical)) return undefined;
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

const unpadded = (base64: string) => base64.replace(/=+$/, "");

/** Keeps a byte order mark, so that a text with one is not taken for the same text without it. */
const utf8Text = /* @__PURE__ */ new TextDecoder("utf-8", { ignoreBOM: true });

/** Decodes UTF-8. */
export const textOfBytes = (bytes: Uint8Array): string => utf8Text.decode(bytes);

/** Compares in constant time, for arrays of one length. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

export const randomBytes = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
