// @l402/core recognises errors of this SDK by this mark. It depends on this package, so the mark is created here again.
const MARK = Symbol.for("l402.error");

/** The error of every function of this package: the text is not a BOLT11 invoice that may be paid. */
export class InvoiceMalformedError extends Error {
  override readonly name = "L402Error";
  readonly code = "INVOICE_MALFORMED";
  readonly retryable = false;
  readonly fundsMoved = "no";
  readonly hint: string;

  /** SECURITY: the message never contains text of the invoice, which may be hostile (test: decode-invoice.fuzz.test.ts). */
  constructor(message: string, hint = "Do not pay this invoice. Ask the seller for a new one.") {
    super(message);
    this.hint = hint;
    Object.defineProperty(this, MARK, { value: true });
  }
}
