import { isPreimageOf, type PaymentResult } from "@l402/core";

/** What a look-up finds. "not-found" is only for the backend's own words for "no such payment". */
export type FoundPayment = PaymentResult | { status: "not-found" };

/** It is certain that no money moved for this invoice. */
export const failed = (reason: string): PaymentResult => ({ status: "failed", reason });

/** The payment may have been made, or may still be made. */
export const unknown = (reason: string): PaymentResult => ({ status: "unknown", reason });

/**
 * The result of a payment that the backend calls complete. Without the true preimage, the buyer has no proof of the
 * payment, so the result is "unknown".
 */
export function paidResult(backend: string, paymentHash: string, preimage: unknown, feeMsat: number): PaymentResult {
  return isPreimageOf(preimage, paymentHash)
    ? { status: "paid", preimage: preimage.toLowerCase(), feeMsat }
    : {
        status: "unknown",
        reason: `${backend} reports that the payment is complete, but did not return the preimage of the invoice.`,
        withoutPreimage: true,
      };
}

/** The preimage of a settled invoice. Leaves out zeros and other invalid values. */
export const knownPreimage = (preimage: unknown, paymentHash: string): { preimage?: string } =>
  isPreimageOf(preimage, paymentHash) ? { preimage: preimage.toLowerCase() } : {};
