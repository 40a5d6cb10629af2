import type { Granted } from "@l402/core";
import { within } from "./within.ts";

const PATIENCE_MS = 30_000;

interface Visits {
  underWay: number;
  ended: Promise<void>;
  end: () => void;
}

/**
 * Knows which visits are being served by this process, by payment.
 *
 * Whoever reloads a slow page has left the request before, whose use comes back when its handler has ended. Until then
 * the pass seems to be used up, and the visitor must not be asked to pay again (reload.test.ts, "a slow page").
 */
export function createVisitsUnderWay() {
  const byPayment = new Map<string, Visits>();

  function visitsOf(paymentHash: string): Visits {
    const known = byPayment.get(paymentHash);
    if (known) return known;
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const visits: Visits = { underWay: 0, ended, end };
    byPayment.set(paymentHash, visits);
    return visits;
  }

  return {
    follow(decision: Granted): Granted {
      const { paymentHash, remainingUses } = decision.payment;
      if (remainingUses === undefined) return decision;
      const visits = visitsOf(paymentHash);
      visits.underWay++;
      let finished: Promise<void> | undefined;
      const end = () => {
        if (--visits.underWay > 0) return;
        byPayment.delete(paymentHash);
        visits.end();
      };
      return {
        ...decision,
        finish(how) {
          finished ??= decision.finish(how).finally(end);
          return finished;
        },
      };
    },

    /** Waits until the visits of these payments that are being served have ended, for half a minute at most. */
    async endOf(paymentHashes: readonly string[]): Promise<void> {
      const found = paymentHashes.flatMap((paymentHash) => byPayment.get(paymentHash)?.ended ?? []);
      if (found.length > 0) await within(PATIENCE_MS, Promise.all(found));
    },
  };
}
