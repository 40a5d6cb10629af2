import { isL402Error, type PaymentResult } from "@l402/core";

const MAX_REMEMBERED = 1_000;

/** Tracks the payments that this process sent and that may not be over. */
export function createSentPayments() {
  /** By payment hash: until when the node may make another try. This is later than the latest possible answer. */
  const unsure = new Map<string, number>();
  /** The payments whose end this process has seen. */
  const ended = new Set<string>();

  function end(paymentHash: string): void {
    unsure.delete(paymentHash);
    if (ended.size >= MAX_REMEMBERED) ended.clear();
    ended.add(paymentHash);
  }

  return {
    isUnsure: (paymentHash: string): boolean => unsure.has(paymentHash),
    mayStillTry: (paymentHash: string): boolean => (unsure.get(paymentHash) ?? 0) > performance.now(),
    hasEnded: (paymentHash: string): boolean => ended.has(paymentHash),
    end,

    /** Tracks a payment from before it is sent until its outcome is certain. */
    async watch(paymentHash: string, seconds: number, send: () => Promise<PaymentResult>): Promise<PaymentResult> {
      unsure.set(paymentHash, performance.now() + seconds * 1000);
      ended.delete(paymentHash);
      try {
        const result = await send();
        if (result.status !== "unknown") end(paymentHash);
        return result;
      } catch (error) {
        if (isL402Error(error) && error.fundsMoved === "no") unsure.delete(paymentHash);
        throw error;
      }
    },
  };
}
