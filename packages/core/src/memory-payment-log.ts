import { checkOption, refuseUnknownOptions } from "./check-option.ts";
import type { PaymentEvent, PaymentLog } from "./interfaces/payment-log.ts";

/** Keeps the latest payments in memory, for tests, demos and small dashboards. */
export function createMemoryPaymentLog(
  options: { limit?: number | undefined } = {},
): PaymentLog & { readonly payments: PaymentEvent[] } {
  refuseUnknownOptions("createMemoryPaymentLog", options, ["limit"]);
  const { limit = 10_000 } = options;
  checkOption(limit >= 1, "createMemoryPaymentLog: limit", "a number from 1");
  const payments = new Map<string, PaymentEvent>();
  return {
    record({ paymentHash, amountMsat, resource, paidAt }) {
      if (payments.has(paymentHash)) return;
      payments.set(paymentHash, { paymentHash, amountMsat, resource, paidAt });
      if (payments.size > limit) payments.delete(payments.keys().next().value as string);
    },
    /** The payments, the oldest first. */
    get payments() {
      return [...payments.values()];
    },
  };
}
