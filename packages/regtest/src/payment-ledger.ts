import { isPreimageOf, type PaymentResult } from "@l402/core";
import { createBoundedMap } from "./bounded-map.ts";

/** How long a caller waits for a payment. */
interface Patience {
  timeoutSeconds: number;
  signal?: AbortSignal | undefined;
}

/** The payments of a wallet, with one entry per payment hash. */
export interface PaymentLedger {
  /** Returns the result of a payment; `undefined` if it was never tried. */
  find(paymentHash: string): PaymentResult | undefined;
  start(paymentHash: string): void;
  finish(paymentHash: string, result: PaymentResult): void;
  /** Waits for the end of a payment that has started. Resolves to `unknown` if the time limit or signal ends first. */
  wait(paymentHash: string, patience: Patience): Promise<PaymentResult>;
  /** Ends all waits. */
  close(): void;
}

interface Entry {
  result: PaymentResult;
  isOver: boolean;
  waiting: Set<(result: PaymentResult) => void>;
}

const REMEMBERED_PAYMENTS = 10_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Creates the ledger of a wallet. */
export function createPaymentLedger(): PaymentLedger {
  const entries = createBoundedMap<Entry>(REMEMBERED_PAYMENTS, ({ isOver }) => isOver);

  function answer(entry: Entry, result: PaymentResult): void {
    for (const tell of [...entry.waiting]) tell({ ...result });
  }

  return {
    find(paymentHash) {
      const entry = entries.get(paymentHash);
      return entry && { ...entry.result };
    },
    start: (paymentHash) =>
      entries.set(paymentHash, { result: unknown("the payment is under way"), isOver: false, waiting: new Set() }),
    finish(paymentHash, result) {
      const entry = entries.get(paymentHash);
      if (!entry || entry.isOver) return;
      entry.result = genuine(paymentHash, result);
      entry.isOver = entry.result.status !== "unknown";
      answer(entry, entry.result);
    },
    wait(paymentHash, { timeoutSeconds, signal }) {
      const entry = entries.get(paymentHash);
      if (!entry) throw new Error("This node has sent no payment with that payment hash.");
      if (entry.isOver) return Promise.resolve({ ...entry.result });
      if (signal?.aborted) return Promise.resolve(unknown(GAVE_UP));
      return new Promise((resolve) => {
        const tell = (result: PaymentResult) => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", giveUp);
          entry.waiting.delete(tell);
          resolve(result);
        };
        const giveUp = () => tell(unknown(GAVE_UP));
        const timer = setTimeout(() => tell(unknown(TOO_LATE)), Math.min(timeoutSeconds * 1000, LONGEST_TIMER_MS));
        signal?.addEventListener("abort", giveUp);
        entry.waiting.add(tell);
      });
    },
    close() {
      for (const entry of entries.values()) {
        if (!entry.isOver) answer(entry, unknown("the regtest was closed while the payment was under way"));
      }
    },
  };
}

const unknown = (reason: string): PaymentResult => ({ status: "unknown", reason });
const TOO_LATE = "the payment is still under way after the timeout";
const GAVE_UP = "the caller gave up while the payment was under way";

/** SECURITY: a preimage that does not prove the payment is worth nothing to a buyer (test: payment-ledger.test.ts). */
function genuine(paymentHash: string, result: PaymentResult): PaymentResult {
  if (result.status !== "paid" || isPreimageOf(result.preimage, paymentHash)) return result;
  return unknown("the preimage does not belong to the payment");
}
