import { isL402Error, type PaymentResult } from "@l402/core";
import type { ClientSettings } from "../client-options.ts";
import { plainText } from "../plain-text.ts";
import type { PendingPayment } from "../state/client-state.ts";
import { within } from "../within.ts";

/** Extra time for a wallet after the payment timeout, and its time to answer a lookup. */
export const GRACE_MS = 15_000;

export type WalletCalls = ReturnType<typeof createWalletCalls>;

/** With `error`, the wallet threw it, and is certain that no money moved. */
type Outcome = PaymentResult & { error?: unknown; withoutPreimage?: boolean };

/** Wraps the wallet's two calls with a time limit. If a wallet hangs or fails, the outcome is unknown. */
export function createWalletCalls({ wallet, paymentTimeoutSeconds }: ClientSettings) {
  return {
    async pay({ bolt11, maxFeeMsat }: PendingPayment): Promise<Outcome> {
      const payment = { bolt11, maxFeeMsat, timeoutSeconds: paymentTimeoutSeconds };
      try {
        const ms = paymentTimeoutSeconds * 1000 + GRACE_MS;
        return resultOf(await within(ms, wallet.payInvoice(payment)));
      } catch (error) {
        const isCertain = isL402Error(error) && error.fundsMoved === "no";
        return isCertain ? { status: "failed", reason: "", error } : unknown(error);
      }
    },

    async lookUp(paymentHash: string): Promise<PaymentResult | { status: "not-found" }> {
      try {
        const signal = AbortSignal.timeout(GRACE_MS);
        const found = await within(GRACE_MS, wallet.lookupPayment(paymentHash, { signal }));
        return found?.status === "not-found" ? found : resultOf(found);
      } catch (error) {
        return unknown(error);
      }
    },
  };
}

/** SECURITY: the words of a wallet may contain secrets (client.secrets.test.ts, "wallet"). */
function resultOf(result: PaymentResult | undefined | null): Outcome {
  if (result?.status === "paid") return result;
  // Only "failed" is certain. With any other answer, money may have moved.
  if (result?.status !== "failed" && result?.status !== "unknown") return unknown();
  return { ...result, error: undefined, reason: reasonOf(result.reason) };
}

const reasonOf = (reason: unknown): string =>
  typeof reason === "string" ? plainText(reason.replace(/[\w+/=-]{32,}/g, "…"), 200) : "The wallet gave no reason.";

const unknown = (error?: unknown): PaymentResult => ({
  status: "unknown",
  reason: isL402Error(error) ? reasonOf(error.message) : "The wallet did not answer.",
});
