import { decodeBech32, MAX_BECH32_LENGTH } from "./bech32.ts";
import { type Network, parseHumanReadablePart } from "./human-readable-part.ts";
import { InvoiceMalformedError } from "./invoice-malformed-error.ts";
import { integerOfWords } from "./read-words.ts";

/** In 5-bit words. */
export const TIMESTAMP_LENGTH = 7;
/** In 5-bit words: the 64 bytes of R and S, and one byte for the recovery id. */
export const SIGNATURE_LENGTH = 104;

/** An invoice with a valid checksum, before its fields are read. */
export interface OpenInvoice {
  /** In lower case, without a scheme. */
  readonly bolt11: string;
  readonly network: Network;
  readonly amountMsat: bigint | undefined;
  /** In seconds. */
  readonly timestamp: number;
  /** The timestamp, the fields and the signature. The next call overwrites them. */
  readonly words: Uint8Array;
  /** The index where the signature starts and the fields end. */
  readonly signatureStart: number;
}

/** Opens any text. Throws only InvoiceMalformedError. */
export function openInvoice(bolt11: string): OpenInvoice {
  if (typeof bolt11 !== "string") throw new InvoiceMalformedError("The invoice is not a string.");
  // SECURITY: check the length before any other work, so that a huge text costs nothing (test:
  // decode-invoice.fuzz.test.ts).
  if (bolt11.length > MAX_BECH32_LENGTH)
    throw new InvoiceMalformedError(`The invoice has more than ${MAX_BECH32_LENGTH} characters.`);
  const text = bolt11.trim().replace(/^lightning:/i, "");
  // Check this before the checksum, to tell an address or a BOLT12 offer from a damaged invoice.
  if (!/^ln(bc|tb|sb)/i.test(text)) throw new InvoiceMalformedError("The text is not a BOLT11 invoice.");
  const { prefix, words, length } = decodeBech32(text);
  const { network, amountMsat } = parseHumanReadablePart(prefix);

  const signatureStart = length - SIGNATURE_LENGTH;
  if (signatureStart < TIMESTAMP_LENGTH) throw new InvoiceMalformedError("The invoice is too short.");

  return {
    bolt11: text.charCodeAt(0) < 97 ? text.toLowerCase() : text,
    network,
    amountMsat,
    timestamp: integerOfWords(words, 0, TIMESTAMP_LENGTH),
    words,
    signatureStart,
  };
}
