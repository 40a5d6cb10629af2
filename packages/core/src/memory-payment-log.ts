import type { PaymentEvent, PaymentLog } from "./interfaces/payment-log.ts";

/** Keeps the latest payments in memory, for tests, demos and small dashboards. */
export function createMemoryPaymentLog({ limit = 10_000 } = {}): PaymentLog & { readonly payments: PaymentEvent[] } {
  const payments = new Map<string, PaymentEvent>();
  return {
    record(event) {
      if (payments.has(event.paymentHash)) return;
      payments.set(event.paymentHash, event);
      if (payments.size > limit) payments.delete(payments.keys().next().value as string);
    },
    /** The oldest first. */
    get payments() {
      return [...payments.values()];
    },
  };
}
