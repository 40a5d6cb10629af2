import { type DecodedInvoice, decodeInvoice, isL402Error, type PayInvoiceInput, type PaymentResult } from "@l402/core";
import type { Doubts } from "./create-doubts.ts";
import { type FoundPayment, failed, unknown } from "./payment-result.ts";

/**
 * Pays an invoice and reports only outcomes that are certain. Refuses invoices that must not be paid. Rethrows an error
 * only if no money can have moved; every other error makes the outcome "unknown". The outcome of this attempt does not
 * count as the outcome of an earlier attempt that got no answer.
 *
 * SECURITY: after a wrong "failed", the buyer pays again (pay-once.test.ts, "unknown unless it is certain", "an earlier
 * attempt").
 */
export async function payOnce(
  input: PayInvoiceInput,
  pay: (invoice: DecodedInvoice & { amountMsat: bigint }) => Promise<PaymentResult>,
  doubts: Doubts,
): Promise<PaymentResult> {
  let invoice: DecodedInvoice;
  try {
    invoice = decodeInvoice(input.bolt11);
  } catch {
    return failed("This is not a valid BOLT11 invoice.");
  }
  const { amountMsat, paymentHash } = invoice;
  const refused = (reason: string) => doubts.weigh(paymentHash, failed(reason));
  if (!amountMsat) return refused("The invoice has no amount.");
  if (!Number.isSafeInteger(input.maxFeeMsat) || input.maxFeeMsat < 0)
    return refused("maxFeeMsat is not a whole number.");
  const { timeoutSeconds = 60 } = input;
  if (!(timeoutSeconds > 0 && timeoutSeconds <= 86_400)) return refused("timeoutSeconds is not a number up to 86400.");
  if (input.signal?.aborted) return refused("The caller aborted the request before the payment was sent.");
  try {
    return doubts.weigh(paymentHash, await pay({ ...invoice, amountMsat }));
  } catch (error) {
    if (isL402Error(error) && error.fundsMoved === "no" && !doubts.has(paymentHash)) throw error;
    return unknown(isL402Error(error) ? error.message : "The wallet's backend failed.");
  }
}

/**
 * Finds the outcome of a payment that the backend refuses to make, or to make again. `none` is the outcome if the
 * backend has no such payment.
 *
 * SECURITY: the error of a look-up says that the look-up moved no money. If it were passed on, it would seem to say so
 * about the payment (pay-once.test.ts, "resolvePayment").
 */
export async function resolvePayment(lookUp: () => Promise<FoundPayment>, none: PaymentResult): Promise<PaymentResult> {
  try {
    const found = await lookUp();
    return found.status === "not-found" ? none : found;
  } catch (error) {
    return unknown(isL402Error(error) ? error.message : "The payment cannot be looked up.");
  }
}
