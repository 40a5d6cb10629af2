import { isL402Error, type PaymentResult } from "@l402/core";

export type SentPayments = ReturnType<typeof createSentPayments>;

/** The payments that were sent from here and may not be over. Core Lightning itself would send one twice at once. */
export function createSentPayments() {
  const ongoing = new Map<string, Promise<PaymentResult>>();
  /** Until when the node may make another try, which is later than the answer may take. */
  const unsure = new Map<string, number>();
  return {
    isUnsure: (paymentHash: string): boolean => unsure.has(paymentHash),
    mayStillTry: (paymentHash: string): boolean => (unsure.get(paymentHash) ?? 0) > performance.now(),
    end: (paymentHash: string): void => void unsure.delete(paymentHash),

    /** Several calls at once share one payment. */
    once(paymentHash: string, pay: () => Promise<PaymentResult>): Promise<PaymentResult> {
      const same = ongoing.get(paymentHash);
      if (same) return same;
      const attempt = pay().finally(() => ongoing.delete(paymentHash));
      ongoing.set(paymentHash, attempt);
      return attempt;
    },

    /** Remembers a payment from before it is sent until its outcome is certain. */
    async watch(paymentHash: string, seconds: number, send: () => Promise<PaymentResult>): Promise<PaymentResult> {
      unsure.set(paymentHash, performance.now() + seconds * 1000);
      try {
        const result = await send();
        if (result.status !== "unknown") unsure.delete(paymentHash);
        return result;
      } catch (error) {
        if (isL402Error(error) && error.fundsMoved === "no") unsure.delete(paymentHash);
        throw error;
      }
    },
  };
}
