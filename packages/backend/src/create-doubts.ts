import { isL402Error, type PaymentResult } from "@l402/core";

/** So long after a payment was sent and no answer came, a backend may still be about to begin with it. */
const MAY_BEGIN_MS = 120_000;
const MAX_REMEMBERED = 1_000;

/**
 * Remembers the payments that were sent and not heard of: that the backend has no such payment yet says nothing about
 * them. For backends that answer slower than they can be asked again.
 */
export function createDoubts() {
  const sentAt = new Map<string, number>();

  /** Answers what to call when it turns out that nothing was sent. An earlier doubt remains. */
  function begin(paymentHash: string): () => void {
    const before = sentAt.get(paymentHash);
    if (sentAt.size >= MAX_REMEMBERED) sentAt.delete(sentAt.keys().next().value as string);
    sentAt.set(paymentHash, Date.now());
    return () => {
      if (before === undefined) sentAt.delete(paymentHash);
      else sentAt.set(paymentHash, before);
    };
  }

  const has = (paymentHash: string): boolean => Date.now() - (sentAt.get(paymentHash) ?? 0) < MAY_BEGIN_MS;

  return {
    begin,
    has,
    end: (paymentHash: string): void => void sentAt.delete(paymentHash),

    /** Sends a payment. A doubt remains where there is neither an answer nor certainty that nothing was sent. */
    async during<Answer>(paymentHash: string, send: () => Promise<Answer>): Promise<Answer> {
      const end = begin(paymentHash);
      try {
        const answer = await send();
        end();
        return answer;
      } catch (error) {
        if (isL402Error(error) && error.fundsMoved === "no") end();
        throw error;
      }
    },

    /** What it means that the backend has no such payment. */
    notFound: (paymentHash: string): PaymentResult | { status: "not-found" } =>
      has(paymentHash)
        ? { status: "unknown", reason: "The payment was sent, and the backend may still begin with it." }
        : { status: "not-found" },
  };
}
