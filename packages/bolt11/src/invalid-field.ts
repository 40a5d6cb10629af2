import { InvoiceMalformedError } from "./invoice-malformed-error.ts";

/** The error for a field that a caller wants to put into an invoice, and may not. */
export const invalidField = (message: string): InvoiceMalformedError =>
  new InvoiceMalformedError(message, "Correct the field that the message names.");
