import type { DecodedInvoice } from "./decoded-invoice.ts";
import { InvoiceMalformedError } from "./invoice-malformed-error.ts";
import { summaryOf } from "./invoice-summary.ts";
import { openInvoice, SIGNATURE_LENGTH, TIMESTAMP_LENGTH } from "./open-invoice.ts";
import { hexOfWords } from "./read-words.ts";
import { readTaggedFields } from "./tagged-fields.ts";

export const DEFAULT_MIN_FINAL_CLTV_EXPIRY_DELTA = 18;

/**
 * Decodes a BOLT11 invoice as strictly as a careful payer would. White space around it and a `lightning:` prefix are
 * allowed. It does not verify the signature: see `verifyInvoice`. Throws only InvoiceMalformedError.
 */
export function decodeInvoice(bolt11: string): DecodedInvoice {
  const invoice = openInvoice(bolt11);
  const { words, signatureStart } = invoice;
  const fields = readTaggedFields(words, TIMESTAMP_LENGTH, signatureStart);
  const { paymentSecret, description, descriptionHash } = fields;
  const { network, amountMsat, paymentHash, timestamp, expiresAt } = summaryOf(invoice, fields);
  if (paymentSecret === undefined) throw new InvoiceMalformedError("The invoice has no payment secret.");
  if ((description === undefined) === (descriptionHash === undefined))
    throw new InvoiceMalformedError("The invoice must have either a description or a description hash.");

  const signature = hexOfWords(words, signatureStart, signatureStart + SIGNATURE_LENGTH);
  const recoveryId = Number.parseInt(signature.slice(-2), 16);
  if (recoveryId > 3) throw new InvoiceMalformedError("The invoice's signature has no valid recovery id.");

  return {
    // Spreading the summary would make the decoder four times slower.
    bolt11: invoice.bolt11,
    network,
    amountMsat,
    timestamp,
    expiresAt,
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
