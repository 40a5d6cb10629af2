/** Where a seller sees the payments that were redeemed. It never holds up or fails a request. */
export interface PaymentLog {
  /** Called at every granted request; a log keeps one entry per payment hash. */
  record(event: PaymentEvent): Promise<void> | void;
  /** Waits until everything recorded so far is written. */
  flush?(): Promise<void>;
}

/** One payment. There is no preimage in it: whoever has that can use the token. */
export interface PaymentEvent {
  paymentHash: string;
  amountMsat: number;
  resource: string;
  /** When the payment was first redeemed, as far as this server knows. */
  paidAt: Date;
}
