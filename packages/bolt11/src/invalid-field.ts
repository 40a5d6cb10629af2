import { InvoiceMalformedError } from "./invoice-malformed-error.ts";

/** The error for an invalid field that a caller wants to put into an invoice. */
export const invalidField = (message: string): InvoiceMalformedError =>
  new InvoiceMalformedError(message, "Correct the field that the message names.");
