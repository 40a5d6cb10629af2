import type { InvoiceRow } from "../invoices/invoices.ts";
import type { Merchant } from "../merchants/merchants.ts";
import type { PayoutRow } from "../payouts/payouts.ts";

/** An invoice as the API shows it. */
export const invoiceView = (row: InvoiceRow, now: Date) => ({
  paymentHash: row.payment_hash,
  kind: row.kind,
  status: row.status === "open" && row.expires_at <= now ? ("expired" as const) : row.status,
  amountMsat: row.amount_msat,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  settledAt: row.settled_at,
  receivedMsat: row.received_msat,
  feeMsat: row.fee_msat,
});

export const payoutView = (row: PayoutRow) => ({
  id: row.id,
  kind: row.kind,
  destination: row.destination,
  status: row.status,
  amountMsat: row.amount_msat,
  maxFeeMsat: row.max_fee_msat,
  feeMsat: row.fee_msat,
  paymentHash: row.payment_hash,
  preimage: row.preimage,
  reason: row.reason,
  refundOf: row.refund_of,
  createdAt: row.created_at,
  endedAt: row.ended_at,
});

export const merchantView = (row: Merchant) => ({
  merchantId: row.id,
  lightningAddress: row.lightning_address,
  mode: row.mode,
  nextAddress: row.next_address === null ? null : { lightningAddress: row.next_address, from: row.next_address_at },
  payouts: { state: row.parked_at ? ("parked" as const) : ("running" as const), failures: row.payout_failures },
});
