import { isL402Error, type LightningWallet, type PaymentResult } from "@l402/core";
import type { PendingPayment } from "./client-state.ts";
import { plainText } from "./plain-text.ts";
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
        return resultOf(await within(ms, wallet.payInvoice(payment), undefined));
      } catch (error) {
        if (isL402Error(error) && error.fundsMoved === "no") throw error;
        return unknown(error);
      }
    },

    async lookUp(paymentHash: string): Promise<PaymentResult | { status: "not-found" }> {
      try {
        const signal = AbortSignal.timeout(GRACE_MS);
        const found = await within(GRACE_MS, wallet.lookupPayment(paymentHash, { signal }), undefined);
        return found?.status === "not-found" ? found : resultOf(found);
      } catch (error) {
        return unknown(error);
      }
    },
  };
}

/** SECURITY: what a wallet says in words may hold what nobody should read (client.secrets.test.ts, "wallet"). */
function resultOf(result: PaymentResult | undefined | null): PaymentResult {
  if (result?.status === "paid") return result;
  // Only "failed" is certain: whatever else a wallet says, money may have moved.
  if (result?.status !== "failed" && result?.status !== "unknown") return unknown();
  return { ...result, reason: reasonOf(result.reason) };
}

const reasonOf = (reason: unknown): string =>
  typeof reason === "string" ? plainText(reason.replace(/[\w+/=-]{32,}/g, "…"), 200) : "It does not say why.";

const unknown = (error?: unknown): PaymentResult => ({
  status: "unknown",
  reason: isL402Error(error) ? reasonOf(error.message) : "The wallet did not answer.",
});
