/** Where a seller's invoices come from: a node or a service that receives Lightning payments. */
export interface LightningProvider {
  readonly name: string;
  /**
   * True where nobody but the payer can learn a preimage before paying. False (LNbits ≥ 1.1) makes the paywall ask
   * `lookupInvoice` for a settled payment before it grants anything.
   */
  readonly preimageProvesPayment: boolean;
  createInvoice(input: CreateInvoiceInput): Promise<Invoice>;
  /** Rejects with a `PROVIDER_…` error for an invoice that the backend does not know. */
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
  /** The backend's own id, where it looks invoices up by that and not by payment hash. */
  providerRef?: string;
}

export type InvoiceRef = Pick<Invoice, "paymentHash" | "providerRef">;

/**
 * `preimage` only when settled, and only where the backend reveals it. `receivedMsat` is what reached the seller, where the
 * backend tells it: more than the amount from a generous buyer, less, even 0, where the backend keeps a fee.
 */
export type InvoiceState =
  | { status: "open" | "expired" | "canceled" }
  | { status: "settled"; preimage?: string; settledAt?: Date; receivedMsat?: number };
