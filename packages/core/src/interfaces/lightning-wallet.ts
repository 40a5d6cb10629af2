/** Pays a buyer's invoices. Only a backend that returns the preimage can be a wallet. */
export interface LightningWallet {
  readonly name: string;
  /**
   * The highest fee that the backend may take, if the backend has no fee limit of its own. A payment with a lower
   * `maxFeeMsat` fails before it is sent.
   */
  feeReserveMsat?(amountMsat: number): number;
  /** The balance that the wallet can spend, if the backend tells it. Payments in flight are already subtracted. */
  balanceMsat?(options?: { signal?: AbortSignal }): Promise<number>;
  /**
   * Pays an invoice once, even if it is called again for the same invoice: a paid invoice returns `paid` again. An
   * aborted call returns `unknown`, unless the payment was not sent yet. Rejects only if no money can have moved.
   */
  payInvoice(input: PayInvoiceInput): Promise<PaymentResult>;
  /** Finds an outgoing payment after a timeout or a restart. */
  lookupPayment(
    paymentHash: string,
    options?: { signal?: AbortSignal },
  ): Promise<PaymentResult | { status: "not-found" }>;
}

export interface PayInvoiceInput {
  bolt11: string;
  /** The most that the payment may cost beside the invoice's amount. */
  maxFeeMsat: number;
  /** How long the wallet may try. Default 60. */
  timeoutSeconds?: number;
  signal?: AbortSignal;
}

/**
 * The outcome of a payment. It has three values on purpose: after `unknown`, never pay a new invoice, but call
 * `lookupPayment` until it knows the outcome.
 */
export type PaymentResult =
  /** An unknown fee is `NaN`, and counts as the highest fee that was allowed. */
  | { status: "paid"; preimage: string; feeMsat: number }
  /** It is certain that no money moved. */
  | { status: "failed"; reason: string }
  /**
   * The payment is in flight or timed out. With `withoutPreimage`, the backend says that the payment was made, but does
   * not show the invoice's preimage.
   */
  | { status: "unknown"; reason: string; withoutPreimage?: boolean };
