import { type InvoiceSummary, type SummaryFields, summaryOf } from "./invoice-summary.ts";
import { openInvoice, TIMESTAMP_LENGTH } from "./open-invoice.ts";
import { endOfField, FIELD_HEADER_LENGTH, readHash, readInteger } from "./read-field.ts";
import * as tag from "./tags.ts";

/**
 * Reads what is to be paid, where, and until when: as strictly as `decodeInvoice`, but nothing else, so it brings less code
 * into a bundle. For invoices of one's own node; whoever pays needs `decodePayable`. Throws an InvoiceMalformedError.
 */
export function summarizeInvoice(bolt11: string): InvoiceSummary {
  const invoice = openInvoice(bolt11);
  const { words, signatureStart } = invoice;
  const fields: SummaryFields = { paymentHash: undefined, expiresInSeconds: undefined };
  for (let start = TIMESTAMP_LENGTH, end: number; start < signatureStart; start = end) {
    end = endOfField(words, start, signatureStart);
    const data = start + FIELD_HEADER_LENGTH;
    // Of several the first one counts.
    if (words[start] === tag.PAYMENT_HASH) fields.paymentHash ??= readHash(words, data, end);
    if (words[start] === tag.EXPIRY) fields.expiresInSeconds ??= readInteger(words, data, end);
  }
  return summaryOf(invoice, fields);
}
