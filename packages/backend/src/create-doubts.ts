/** So long after a payment was sent and no answer came, a backend may still be about to begin with it. */
const MAY_BEGIN_MS = 120_000;
const MAX_REMEMBERED = 1_000;

/**
 * Remembers the payments that were sent and not heard of: that the backend has no such payment yet says nothing about
 * them. For backends that answer slower than they can be asked again.
 */
export function createDoubts() {
  const sentAt = new Map<string, number>();

  return {
    /** Answers what to call when it turns out that nothing was sent. An earlier doubt remains. */
    begin(paymentHash: string): () => void {
      const before = sentAt.get(paymentHash);
      if (sentAt.size >= MAX_REMEMBERED) sentAt.delete(sentAt.keys().next().value as string);
      sentAt.set(paymentHash, Date.now());
      return () => {
        if (before === undefined) sentAt.delete(paymentHash);
        else sentAt.set(paymentHash, before);
      };
    },
    end: (paymentHash: string): void => void sentAt.delete(paymentHash),
    has: (paymentHash: string): boolean => Date.now() - (sentAt.get(paymentHash) ?? 0) < MAY_BEGIN_MS,
  };
}
