// @l402/core knows errors of this SDK by this mark; it depends on this package, so the mark is made here again.
const MARK = Symbol.for("l402.error");

/** What every function of this package throws: the text is not a BOLT11 invoice that may be paid. */
export class InvoiceMalformedError extends Error {
  override readonly name = "L402Error";
  readonly code = "INVOICE_MALFORMED";
  readonly retryable = false;
  readonly fundsMoved = "no";
  readonly hint: string;

  /** SECURITY: the message never contains text of the invoice, which may be hostile (test: decode-invoice.fuzz.test.ts). */
  constructor(message: string, hint = "Do not pay it; ask for a new one.") {
    super(message);
    this.hint = hint;
    Object.defineProperty(this, MARK, { value: true });
  }
}
