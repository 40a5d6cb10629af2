/** Shows a seller the payments that were redeemed. It never delays or fails a request. */
export interface PaymentLog {
  /** Called for every granted request. A log keeps one entry per payment hash. */
  record(event: PaymentEvent): Promise<void> | void;
  /** Waits until everything recorded so far is written. */
  flush?(): Promise<void>;
}

/** One payment. It contains no preimage, because anyone who has the preimage can use the token. */
export interface PaymentEvent {
  paymentHash: string;
  amountMsat: number;
  resource: string;
  /** When the payment was first redeemed, as far as this server knows. */
  paidAt: Date;
}
