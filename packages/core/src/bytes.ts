// Bytes as text and back, without Buffer, so that every runtime runs the same code.

const utf8 = new TextEncoder();

export const bytesOf = (text: string): Uint8Array => utf8.encode(text);

export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX.charAt(byte >> 4) + HEX.charAt(byte & 15);
  return text;
}

/** The bytes of a hex text in either case; `undefined` for anything else. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    const high = HEX_VALUES[text.charCodeAt(2 * i)] ?? -1;
    const low = HEX_VALUES[text.charCodeAt(2 * i + 1)] ?? -1;
    if (high < 0 || low < 0) return undefined;
    bytes[i] = (high << 4) | low;
  }
  return bytes;
}

export function toBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += BASE64URL.charAt(group >> 18) + BASE64URL.charAt((group >> 12) & 63);
    text += BASE64URL.charAt((group >> 6) & 63) + BASE64URL.charAt(group & 63);
  }
  // The last group may stand for fewer than three bytes.
  return text.slice(0, Math.ceil((bytes.length * 4) / 3));
}

/** Standard base64 with padding. */
export const toBase64 = (bytes: Uint8Array): string => {
  const text = toBase64Url(bytes).replaceAll("-", "+").replaceAll("_", "/");
  return text.padEnd(Math.ceil(text.length / 4) * 4, "=");
};

/**
 * The bytes of a base64 text, standard or URL-safe, padded or not, because deployed clients re-encode tokens.
 * `undefined` for anything else, and for unused bits that are not zero: one value has one encoding.
 */
export function fromBase64(text: string): Uint8Array | undefined {
  const end = text.length % 4 ? text.length : text.replace(/==?$/, "").length;
  if (end % 4 === 1) return undefined;

  const bytes = new Uint8Array((end * 3) >> 2);
  let bits = 0;
  let group = 0;
  let length = 0;
  for (let i = 0; i < end; i++) {
    const value = BASE64_VALUES[text.charCodeAt(i)] ?? -1;
    if (value < 0) return undefined;
    group = ((group << 6) | value) & 0xfff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[length++] = (group >> bits) & 0xff;
    }
  }
  return group & ((1 << bits) - 1) ? undefined : bytes;
}

/** Keeps a byte order mark, so that a text with one is not taken for the same text without. */
const utf8Text = new TextDecoder("utf-8", { ignoreBOM: true });

/** The text of UTF-8. */
export const textOfBytes = (bytes: Uint8Array): string => utf8Text.decode(bytes);

/** Compares in constant time; only the lengths may be told apart. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

export const randomBytes = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

const HEX = "0123456789abcdef";
const HEX_VALUES = valuesOf(HEX, HEX.toUpperCase());
const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BASE64_VALUES = valuesOf(BASE64URL, BASE64URL.replace("-_", "+/"));

/** The value of every character code in two spellings of the same digits; -1 for other characters. */
function valuesOf(...spellings: [string, string]): Int8Array {
  const values = new Int8Array(128).fill(-1);
  for (const digits of spellings) {
    for (let value = 0; value < digits.length; value++) values[digits.charCodeAt(value)] = value;
  }
  return values;
}
