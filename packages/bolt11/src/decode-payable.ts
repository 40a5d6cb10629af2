import { readFeatureBits } from "./feature-bits.ts";
import { InvoiceMalformedError } from "./invoice-malformed-error.ts";
import { type InvoiceSummary, type SummaryFields, summaryOf } from "./invoice-summary.ts";
import { openInvoice, TIMESTAMP_LENGTH } from "./open-invoice.ts";
import { endOfField, FIELD_HEADER_LENGTH, readHash, readInteger } from "./read-field.ts";
import { textOfWords } from "./read-words.ts";
import type { TaggedFields } from "./tagged-fields.ts";
import * as tag from "./tags.ts";

/** The facts that a payer needs to decide about a payment. */
export interface PayableInvoice extends InvoiceSummary {
  /**
   * The description; `undefined` if the invoice has only its hash. It is text from a stranger: escape it before you
   * show it.
   */
  readonly description: string | undefined;
}

/**
 * Reads the amount, the network, the payment hash, the expiry and the description, as `decodeInvoice` does. Refuses an
 * invoice that requires unknown features. It leaves out the code that reads the route to the payee, because the wallet
 * reads that. For programs that let a wallet pay. Throws an InvoiceMalformedError.
 */
export function decodePayable(bolt11: string): PayableInvoice {
  const invoice = openInvoice(bolt11);
  const { words, signatureStart } = invoice;
  const fields: PayableFields = { paymentHash: undefined, expiresInSeconds: undefined };
  for (let start = TIMESTAMP_LENGTH, end: number; start < signatureStart; start = end) {
    end = endOfField(words, start, signatureStart);
    const data = start + FIELD_HEADER_LENGTH;
    // If a field occurs several times, the first one counts.
    switch (words[start]) {
      case tag.PAYMENT_HASH:
        fields.paymentHash ??= readHash(words, data, end);
        break;
      case tag.PAYMENT_SECRET:
        fields.paymentSecret ??= readHash(words, data, end);
        break;
      case tag.DESCRIPTION:
        fields.description ??= textOfWords(words, data, end);
        break;
      case tag.EXPIRY:
        fields.expiresInSeconds ??= readInteger(words, data, end);
        break;
      case tag.FEATURE_BITS:
        fields.featureBits ??= readFeatureBits(words, data, end);
        break;
    }
  }
  if (fields.paymentSecret === undefined) throw new InvoiceMalformedError("The invoice has no payment secret.");
  return { ...summaryOf(invoice, fields), description: fields.description };
}

type PayableFields = SummaryFields & Partial<Pick<TaggedFields, "paymentSecret" | "description" | "featureBits">>;
