import type { Granted } from "@l402/core";

const PATIENCE_MS = 30_000;

/**
 * Knows which visits are being served by this process, by payment.
 *
 * Whoever reloads a slow page has left the request before, whose use comes back when its handler has ended. Until then
 * the pass seems to be used up, and the visitor must not be asked to pay again (reload.test.ts, "a slow page").
 */
export function createVisitsUnderWay() {
  const ends = new Map<string, Promise<void>>();

  return {
    follow(decision: Granted): Granted {
      const { paymentHash, remainingUses } = decision.payment;
      if (remainingUses === undefined) return decision;
      let end = () => {};
      const own = new Promise<void>((resolve) => {
        end = resolve;
      });
      const all = Promise.all([ends.get(paymentHash), own]).then(() => {
        if (ends.get(paymentHash) === all) ends.delete(paymentHash);
      });
      ends.set(paymentHash, all);
      return { ...decision, finish: (how) => decision.finish(how).finally(end) };
    },

    /** Waits until the visits of these payments have ended, for half a minute at most; `undefined` if there are none. */
    endOf(paymentHashes: readonly string[]): Promise<unknown> | undefined {
      const found = paymentHashes.flatMap((paymentHash) => ends.get(paymentHash) ?? []);
      if (found.length === 0) return undefined;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const patience = new Promise((resolve) => {
        timer = setTimeout(resolve, PATIENCE_MS);
      });
      return Promise.race([Promise.all(found), patience]).finally(() => clearTimeout(timer));
    },
  };
}
