import { type InvoiceSummary, type SummaryFields, summaryOf } from "./invoice-summary.ts";
import { openInvoice, TIMESTAMP_LENGTH } from "./open-invoice.ts";
import { endOfField, FIELD_HEADER_LENGTH, readHash, readInteger } from "./read-field.ts";
import * as tag from "./tags.ts";

/**
 * Reads the amount, the network, the payment hash and the expiry of an invoice. It is as strict as `decodeInvoice`
 * about these, but reads nothing else, so it adds less code to a bundle. Use it for invoices of your own node; a payer
 * needs `decodePayable`. Throws an InvoiceMalformedError.
 */
export function summarizeInvoice(bolt11: string): InvoiceSummary {
  const invoice = openInvoice(bolt11);
  const { words, signatureStart } = invoice;
  const fields: SummaryFields = { paymentHash: undefined, expiresInSeconds: undefined };
  for (let start = TIMESTAMP_LENGTH, end: number; start < signatureStart; start = end) {
    end = endOfField(words, start, signatureStart);
    const data = start + FIELD_HEADER_LENGTH;
    // If a field occurs several times, the first one counts.
    if (words[start] === tag.PAYMENT_HASH) fields.paymentHash ??= readHash(words, data, end);
    if (words[start] === tag.EXPIRY) fields.expiresInSeconds ??= readInteger(words, data, end);
  }
  return summaryOf(invoice, fields);
}
