/** Creates a seller's invoices: a node or a service that receives Lightning payments. */
export interface LightningProvider {
  readonly name: string;
  /**
   * True if a buyer can learn a preimage only by paying. If it is false (LNbits ≥ 1.1), the paywall asks
   * `lookupInvoice` whether the invoice was settled before it grants access.
   */
  readonly preimageProvesPayment: boolean;
  createInvoice(input: CreateInvoiceInput): Promise<Invoice>;
  /**
   * Returns the state of an invoice. Rejects with a `PROVIDER_…` error for an invoice that the backend does not know.
   */
  lookupInvoice(ref: InvoiceRef, options?: { signal?: AbortSignal }): Promise<InvoiceState>;
}

export interface CreateInvoiceInput {
  amountMsat: number;
  description: string;
  expiresInSeconds: number;
  signal?: AbortSignal;
}

export interface Invoice {
  bolt11: string;
  /** 64 lower-case hex characters. */
  paymentHash: string;
  amountMsat: number;
  expiresAt: Date;
  /** The backend's own id of the invoice, if the backend looks invoices up by that id and not by payment hash. */
  providerRef?: string;
}

export type InvoiceRef = Pick<Invoice, "paymentHash" | "providerRef">;

/**
 * The state of an invoice. `preimage` is present only if the invoice is settled and the backend reveals it.
 * `receivedMsat` is the amount that reached the seller, if the backend tells it: more than the invoice's amount from a
 * generous buyer, or less, even 0, if the backend keeps a fee.
 */
export type InvoiceState =
  | { status: "open" | "expired" | "canceled" }
  | { status: "settled"; preimage?: string; settledAt?: Date; receivedMsat?: number };
