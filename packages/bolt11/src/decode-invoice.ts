import { decodeBech32, MAX_BECH32_LENGTH } from "./bech32.ts";
import type { DecodedInvoice } from "./decoded-invoice.ts";
import { parseHumanReadablePart } from "./human-readable-part.ts";
import { InvoiceMalformedError } from "./invoice-malformed-error.ts";
import { hexOfWords, integerOfWords } from "./read-words.ts";
import { readTaggedFields } from "./tagged-fields.ts";

/** In 5-bit words. */
export const TIMESTAMP_LENGTH = 7;
/** In 5-bit words: the 64 bytes of R and S, and one byte for the recovery id. */
export const SIGNATURE_LENGTH = 104;

export const DEFAULT_EXPIRY_SECONDS = 3600;
export const DEFAULT_MIN_FINAL_CLTV_EXPIRY_DELTA = 18;
/** The last second that a Date can hold: in the year 275760. */
const LAST_SECOND = 8.64e12;

/**
 * Decodes a BOLT11 invoice as strictly as a careful payer would. White space around it and `lightning:` are allowed. The
 * signature is not verified: see `verifyInvoice`. Throws an InvoiceMalformedError, and never anything else.
 */
export function decodeInvoice(bolt11: string): DecodedInvoice {
  if (typeof bolt11 !== "string") throw new InvoiceMalformedError("The invoice is not a string.");
  // SECURITY: before any other work, so that a huge text costs nothing (test: decode-invoice.fuzz.test.ts).
  if (bolt11.length > MAX_BECH32_LENGTH)
    throw new InvoiceMalformedError(`The invoice has more than ${MAX_BECH32_LENGTH} characters.`);
  const text = withoutScheme(bolt11.trim());
  // Before the checksum, to tell an address or a BOLT12 offer from an invoice that was damaged.
  if (!/^ln(bc|tb|sb)/i.test(text)) throw new InvoiceMalformedError("The text is not a BOLT11 invoice.");
  const { prefix, words, length } = decodeBech32(text);
  const { network, amountMsat } = parseHumanReadablePart(prefix);

  const signatureStart = length - SIGNATURE_LENGTH;
  if (signatureStart < TIMESTAMP_LENGTH) throw new InvoiceMalformedError("The invoice is too short.");

  const fields = readTaggedFields(words, TIMESTAMP_LENGTH, signatureStart);
  const { paymentHash, paymentSecret, description, descriptionHash } = fields;
  if (paymentHash === undefined) throw new InvoiceMalformedError("The invoice has no payment hash.");
  if (paymentSecret === undefined) throw new InvoiceMalformedError("The invoice has no payment secret.");
  if ((description === undefined) === (descriptionHash === undefined))
    throw new InvoiceMalformedError("The invoice must have either a description or a description hash.");

  const timestamp = integerOfWords(words, 0, TIMESTAMP_LENGTH);
  const expiresAt = timestamp + (fields.expiresInSeconds ?? DEFAULT_EXPIRY_SECONDS);
  if (expiresAt > LAST_SECOND) throw new InvoiceMalformedError("The invoice's expiry is out of range.");

  const signature = hexOfWords(words, signatureStart, length);
  const recoveryId = Number.parseInt(signature.slice(-2), 16);
  if (recoveryId > 3) throw new InvoiceMalformedError("The invoice's signature has no valid recovery id.");

  return {
    bolt11: text.charCodeAt(0) < 97 ? text.toLowerCase() : text,
    network,
    amountMsat,
    timestamp: new Date(timestamp * 1000),
    expiresAt: new Date(expiresAt * 1000),
    paymentHash,
    paymentSecret,
    description,
    descriptionHash,
    payee: fields.payee,
    metadata: fields.metadata,
    minFinalCltvExpiryDelta: fields.minFinalCltvExpiryDelta ?? DEFAULT_MIN_FINAL_CLTV_EXPIRY_DELTA,
    fallbackAddresses: fields.fallbackAddresses,
    routeHints: fields.routeHints,
    featureBits: fields.featureBits ?? [],
    signature: signature.slice(0, -2),
    recoveryId,
  };
}

const withoutScheme = (text: string): string => (/^lightning:/i.test(text) ? text.slice("lightning:".length) : text);
