import { InvoiceMalformedError } from "./invoice-malformed-error.ts";

/** LND's limit for an invoice: the most digits that a QR code can hold. */
export const MAX_BECH32_LENGTH = 7089;

/** In 5-bit words. */
export const CHECKSUM_LENGTH = 6;

const CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

// BIP 173's error-correcting code: for the top five bits of a checksum, the value to add when the next word is added.
const GENERATOR = /* @__PURE__ */ Int32Array.from({ length: 32 }, (_, top) =>
  [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3].reduce(
    (sum, generator, bit) => ((top >> bit) & 1 ? sum ^ generator : sum),
    0,
  ),
);

/** The parts of a bech32 text. */
interface Bech32 {
  /** The human-readable part, in lower case. */
  readonly prefix: string;
  /** The data as 5-bit words. The next call overwrites them. */
  readonly words: Uint8Array;
  /** The number of data words. The checksum follows them, and then undefined content. */
  readonly length: number;
}

const LOWER_CASE = /* @__PURE__ */ valuesOf(CHARSET);
const UPPER_CASE = /* @__PURE__ */ valuesOf(CHARSET.toUpperCase());
// All calls share this array, because allocating it would take longer than filling it.
const words = /* @__PURE__ */ new Uint8Array(MAX_BECH32_LENGTH);

/** Splits a bech32 text of at most MAX_BECH32_LENGTH characters into its parts, and checks its checksum. */
export function decodeBech32(text: string): Bech32 {
  const separator = text.lastIndexOf("1");
  if (separator < 1) throw new InvoiceMalformedError('The invoice has no separator "1".');
  const start = separator + 1;
  const length = text.length - start - CHECKSUM_LENGTH;
  if (length < 0) throw new InvoiceMalformedError("The invoice is too short.");

  // The whole text must have one case. Its first letter decides which one, and the table lacks the other case.
  const isUpperCase = text.charCodeAt(0) < 97;
  const values = isUpperCase ? UPPER_CASE : LOWER_CASE;
  const prefix = text.slice(0, separator).toLowerCase();
  let codes = text.startsWith(isUpperCase ? prefix.toUpperCase() : prefix) ? 0 : 128;
  let invalid = 0;
  let checksum = checksumOfPrefix(prefix);
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const word = values[code & 127] as number;
    codes |= code;
    invalid |= word;
    words[i - start] = word;
    checksum = addToChecksum(checksum, word);
  }
  if (invalid > 31 || codes > 127)
    throw new InvoiceMalformedError("The invoice has mixed case or an invalid character.");
  if (checksum !== 1)
    throw new InvoiceMalformedError("The invoice's checksum is wrong: a character was changed or lost.");
  return { prefix, words, length };
}

/** Joins a lower-case prefix, 5-bit words and their checksum into a bech32 text. */
export function encodeBech32(prefix: string, words: Uint8Array): string {
  let checksum = checksumOfPrefix(prefix);
  let text = `${prefix}1`;
  for (const word of words) {
    checksum = addToChecksum(checksum, word);
    text += CHARSET.charAt(word);
  }
  for (let i = 0; i < CHECKSUM_LENGTH; i++) checksum = addToChecksum(checksum, 0);
  checksum ^= 1;
  for (let i = CHECKSUM_LENGTH - 1; i >= 0; i--) text += CHARSET.charAt((checksum >> (5 * i)) & 31);
  return text;
}

function addToChecksum(checksum: number, word: number): number {
  return ((checksum & 0x1ffffff) << 5) ^ word ^ (GENERATOR[checksum >>> 25] as number);
}

function checksumOfPrefix(prefix: string): number {
  let checksum = 1;
  for (let i = 0; i < prefix.length; i++) checksum = addToChecksum(checksum, prefix.charCodeAt(i) >> 5);
  checksum = addToChecksum(checksum, 0);
  for (let i = 0; i < prefix.length; i++) checksum = addToChecksum(checksum, prefix.charCodeAt(i) & 31);
  return checksum;
}

/** Returns the value of every character code; 32 for characters that bech32 lacks. */
function valuesOf(charset: string): Uint8Array {
  const values = new Uint8Array(128).fill(32);
  for (let value = 0; value < 32; value++) values[charset.charCodeAt(value)] = value;
  return values;
}
