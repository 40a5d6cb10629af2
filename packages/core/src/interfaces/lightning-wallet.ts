/** What a buyer pays from. Only backends that hand the preimage back can be a wallet. */
export interface LightningWallet {
  readonly name: string;
  /**
   * The most that the backend may take as a fee, where it has no fee limit of its own: a payment with a lower
   * `maxFeeMsat` fails before it is sent.
   */
  feeReserveMsat?(amountMsat: number): number;
  /** What the wallet has to pay with, where its backend tells; without what is under way. */
  balanceMsat?(options?: { signal?: AbortSignal }): Promise<number>;
  /**
   * Pays once, however often it is asked to pay the same invoice: a paid one is `paid` again. An aborted call is
   * `unknown`, unless nothing was sent yet. Rejects only where no money can have moved.
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
  maxFeeMsat: number;
  timeoutSeconds?: number;
  signal?: AbortSignal;
}

/** Three-valued on purpose: after `unknown`, never pay a new invoice; ask `lookupPayment` until it knows. */
export type PaymentResult =
  /** A fee that is not known is `NaN`, and counts as the highest that was allowed. */
  | { status: "paid"; preimage: string; feeMsat: number }
  /** Certain: no money moved. */
  | { status: "failed"; reason: string }
  /** In flight or timed out; or, `withoutPreimage`, made, as the backend says, which does not show the invoice's preimage. */
  | { status: "unknown"; reason: string; withoutPreimage?: boolean };
