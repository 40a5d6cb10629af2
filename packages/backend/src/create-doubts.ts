import { isL402Error, type PaymentResult } from "@l402/core";
import { type FoundPayment, unknown } from "./payment-result.ts";

/** How long after a payment was sent without an answer the backend may still begin with it. */
const MAY_BEGIN_MS = 120_000;

export type Doubts = ReturnType<typeof createDoubts>;

/**
 * Remembers the payments that were sent but got no answer, for backends that may answer a look-up before they begin
 * with a payment. If such a backend reports an earlier attempt, or no attempt, this says nothing about the remembered
 * payment.
 */
export function createDoubts() {
  /** The sending times of the attempts, by payment hash. The payment hash with the latest attempt comes last. */
  const attempts = new Map<string, { sentAt: number }[]>();
  // SECURITY: a computer's clock may be set meanwhile (create-doubts.test.ts, "whatever the clock is set to").
  const mayBegin = ({ sentAt }: { sentAt: number }) => performance.now() - sentAt < MAY_BEGIN_MS;

  function forgetOld(): void {
    for (const [paymentHash, sent] of attempts) {
      if (sent.some(mayBegin)) return;
      attempts.delete(paymentHash);
    }
  }

  /**
   * Remembers an attempt. Returns a function to call when this attempt is over or was certainly not sent. Doubts about
   * other attempts remain.
   */
  function begin(paymentHash: string): () => void {
    forgetOld();
    const attempt = { sentAt: performance.now() };
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

    /**
     * Sends a payment. The doubt ends if the answer says that this attempt is over, or if an error is certain that no
     * money was sent.
     *
     * SECURITY: what was lost, or answered without a word that can be read, may be carried out later
     * (create-wallet.test.ts, "until the backend is done with it").
     */
    async during<Answer extends { isOver: boolean }>(
      paymentHash: string,
      send: () => Promise<Answer>,
    ): Promise<Answer> {
      const end = begin(paymentHash);
      try {
        const answer = await send();
        if (answer.isOver) end();
        return answer;
      } catch (error) {
        if (isL402Error(error) && error.fundsMoved === "no") end();
        throw error;
      }
    },

    /**
     * Weighs a backend's answer: "failed" and "not-found" become "unknown" while an attempt may only be late.
     *
     * SECURITY: a buyer who is told "failed" pays another invoice, and the late attempt is paid too
     * (create-doubts.test.ts, "neither failed nor not-found").
     */
    weigh<Found extends FoundPayment>(paymentHash: string, found: Found): Found | PaymentResult {
      const saysNothing = found.status === "failed" || found.status === "not-found";
      return saysNothing && has(paymentHash) ? MAY_BE_LATE : found;
    },
  };
}

const MAY_BE_LATE = unknown("The payment order was sent without an answer, and the backend may still execute it.");
