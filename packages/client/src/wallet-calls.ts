import { isL402Error, type LightningWallet, type PaymentResult } from "@l402/core";
import type { PendingPayment } from "./client-state.ts";
import { within } from "./within.ts";

/** What a wallet gets on top of the time that it may try to pay, and for answering a question. */
export const GRACE_MS = 15_000;

/** The wallet's two calls, with an end: a wallet that hangs or fails knows nothing. */
export function createWalletCalls(wallet: LightningWallet, paymentTimeoutSeconds: number) {
  return {
    /** Rejects only where the wallet is certain that no money moved. */
    async pay({ bolt11, maxFeeMsat }: PendingPayment): Promise<PaymentResult> {
      const payment = { bolt11, maxFeeMsat, timeoutSeconds: paymentTimeoutSeconds };
      try {
        const ms = paymentTimeoutSeconds * 1000 + GRACE_MS;
        return (await within(ms, wallet.payInvoice(payment), undefined)) ?? unknown();
      } catch (error) {
        if (isL402Error(error) && error.fundsMoved === "no") throw error;
        return unknown(error);
      }
    },

    async lookUp(paymentHash: string): Promise<PaymentResult | { status: "not-found" }> {
      try {
        const signal = AbortSignal.timeout(GRACE_MS);
        return (await within(GRACE_MS, wallet.lookupPayment(paymentHash, { signal }), undefined)) ?? unknown();
      } catch (error) {
        return unknown(error);
      }
    },
  };
}

const unknown = (error?: unknown): PaymentResult => ({
  status: "unknown",
  reason: isL402Error(error) ? error.message : "The wallet did not answer.",
});
