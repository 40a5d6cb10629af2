import { L402Error, type PaymentEvent } from "@l402/core";

/** A row of the table `payments`. */
export interface PaymentRow {
  payment_hash: string;
  endpoint: string;
  amount_sats: number | null;
  amount_msat: number;
  paid_at: string;
}

const MAX_INTEGER = 2 ** 31 - 1;
const MAX_ENDPOINT = 1000;

/**
 * The row of a payment, which the table's constraints accept: one bad row would hold up a whole batch.
 *
 * SECURITY: fields are named one by one, so that a preimage in an event is not stored (the log's kit, in
 * supabase-payment-log.test.ts).
 */
export function paymentRow({ paymentHash, amountMsat, resource, paidAt }: PaymentEvent): PaymentRow {
  if (typeof paymentHash !== "string" || !/^[0-9a-f]{64}$/.test(paymentHash)) throw odd("paymentHash");
  if (!Number.isSafeInteger(amountMsat) || amountMsat < 0) throw odd("amountMsat");
  if (!(paidAt instanceof Date) || Number.isNaN(paidAt.getTime())) throw odd("paidAt");
  const sats = Math.floor(amountMsat / 1000);
  return {
    payment_hash: paymentHash,
    // Postgres stores neither NUL nor half a character.
    endpoint: String(resource)
      .slice(0, MAX_ENDPOINT)
      .replace(/[\0\p{Surrogate}]/gu, "\ufffd"),
    amount_sats: sats <= MAX_INTEGER ? sats : null,
    amount_msat: amountMsat,
    paid_at: paidAt.toISOString(),
  };
}

const odd = (field: string) => new L402Error("LOG_UNAVAILABLE", `The payment log cannot store this ${field}.`);
