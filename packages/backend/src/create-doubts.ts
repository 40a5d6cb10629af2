import { isL402Error, type PaymentResult } from "@l402/core";

/** So long after a payment was sent and no answer came, a backend may still be about to begin with it. */
const MAY_BEGIN_MS = 120_000;

export type Doubts = ReturnType<typeof createDoubts>;

/**
 * Remembers the payments that were sent and not heard of: what the backend says of an earlier attempt, or that it has none,
 * says nothing about them. For backends that answer slower than they can be asked again.
 */
export function createDoubts() {
  /** When each attempt was sent, by payment hash; whose last one is the latest comes last. */
  const attempts = new Map<string, { sentAt: number }[]>();
  const mayBegin = ({ sentAt }: { sentAt: number }) => Date.now() - sentAt < MAY_BEGIN_MS;

  function forgetOld(): void {
    for (const [paymentHash, sent] of attempts) {
      if (sent.some(mayBegin)) return;
      attempts.delete(paymentHash);
    }
  }

  /** Answers what to call when it turns out that this attempt is over, or was never sent. Doubts about others remain. */
  function begin(paymentHash: string): () => void {
    forgetOld();
    const attempt = { sentAt: Date.now() };
    const others = (attempts.get(paymentHash) ?? []).filter(mayBegin);
    attempts.delete(paymentHash);
    attempts.set(paymentHash, [...others, attempt]);
    return () => {
      const left = (attempts.get(paymentHash) ?? []).filter((each) => each !== attempt);
      if (left.length > 0) attempts.set(paymentHash, left);
      else attempts.delete(paymentHash);
    };
  }

  const has = (paymentHash: string): boolean => (attempts.get(paymentHash) ?? []).some(mayBegin);

  return {
    begin,
    has,

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

    /**
     * What a backend's answer means while one of the attempts may only be late.
     *
     * SECURITY: a buyer who is told "failed" pays another invoice, and the late attempt is paid too
     * (create-doubts.test.ts, "neither failed nor not-found").
     */
    weigh<Found extends { status: "not-found" } | PaymentResult>(
      paymentHash: string,
      found: Found,
    ): Found | Extract<PaymentResult, { status: "unknown" }> {
      const saysNothing = found.status === "failed" || found.status === "not-found";
      return saysNothing && has(paymentHash) ? { status: "unknown", reason: MAY_BE_LATE } : found;
    },
  };
}

const MAY_BE_LATE = "The payment was sent, and the backend may still begin with it.";
