import { L402Error, type PaymentEvent } from "@l402/core";

/** The values from which `l402_record` makes a row of the table `payments`. */
export interface PaymentRow {
  payment_hash: string;
  endpoint: string;
  amount_msat: number;
  paid_at: string;
}

const MAX_ENDPOINT = 1000;

/**
 * Makes a row of a payment. The table's constraints accept every such row, because one bad row would block a whole
 * batch.
 *
 * SECURITY: fields are named one by one, so that a preimage in an event is not stored (the log's kit, in
 * supabase-payment-log.test.ts).
 */
export function paymentRow({ paymentHash, amountMsat, resource, paidAt }: PaymentEvent): PaymentRow {
  if (typeof paymentHash !== "string" || !/^[0-9a-f]{64}$/.test(paymentHash)) throw odd("paymentHash");
  if (!Number.isSafeInteger(amountMsat) || amountMsat < 0) throw odd("amountMsat");
  if (!(paidAt instanceof Date) || Number.isNaN(paidAt.getTime())) throw odd("paidAt");
  return {
    payment_hash: paymentHash,
    // Postgres cannot store NUL or an unpaired surrogate.
    endpoint: String(resource)
      .slice(0, MAX_ENDPOINT)
      .replace(/[\0\p{Surrogate}]/gu, "\ufffd"),
    amount_msat: amountMsat,
    paid_at: paidAt.toISOString(),
  };
}

const odd = (field: string) => new L402Error("LOG_UNAVAILABLE", `The payment log cannot store this ${field}.`);
