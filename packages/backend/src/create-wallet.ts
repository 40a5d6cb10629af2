import type { LightningWallet, PayInvoiceInput, PaymentResult } from "@l402/core";
import { checkPaymentHash } from "./checked-invoice.ts";
import { createDoubts } from "./create-doubts.ts";
import { createOngoing } from "./create-ongoing.ts";
import { payOnce, resolvePayment } from "./pay-once.ts";
import { type FoundPayment, failed } from "./payment-result.ts";

/** A payment to send: what the caller wants, and what the invoice says. */
export interface Order extends Pick<PayInvoiceInput, "bolt11" | "maxFeeMsat"> {
  paymentHash: string;
  amountMsat: number;
  expiresAt: Date;
  timeoutSeconds: number;
  signal: AbortSignal | undefined;
}

/** How a backend answered an order. */
export interface Attempt {
  /** What the answer says about the payment. */
  result: PaymentResult;
  /**
   * True if this order cannot come late: the backend has begun with it, which a look-up shows, has refused it for good,
   * or never got it. False if in doubt, or if the backend calls a payment failed between two tries.
   */
  isOver: boolean;
  /**
   * True if an earlier order may have paid the invoice all the same: the answer is a refusal, for example. Then a
   * look-up decides, and `result` counts only if it finds no payment.
   */
  lookUp?: boolean;
}

/** What a wallet has to know about its backend. */
export interface WalletBackend {
  /** The name for messages, such as "LND". */
  label: string;
  /** For backends that would pay once for each of several concurrent calls: lets those for one invoice share an attempt. */
  sharesAttempts?: boolean;
  /**
   * For backends that would pay again while an earlier order is under way: what became of that one; nothing if another
   * order may be sent. `isInDoubt` says that an earlier order of this process may still come late.
   */
  earlier?(paymentHash: string, isInDoubt: boolean): Promise<PaymentResult | undefined>;
  /** Sends a payment, once. An error means "maybe sent", unless its `fundsMoved` is "no". */
  send(order: Order): Promise<Attempt>;
  /** Asks what became of a payment. */
  find(paymentHash: string, signal: AbortSignal | undefined): Promise<FoundPayment>;
}

/** Nothing is sent, but an earlier order may have paid the invoice. */
const refused = (reason: string): Attempt => ({ result: failed(reason), isOver: true, lookUp: true });

type Shown = Pick<LightningWallet, "name" | "feeReserveMsat" | "balanceMsat">;

/**
 * Makes a wallet that never pays twice out of what it knows about its backend. The other options, such as `name` and
 * `balanceMsat`, become part of the wallet. `feeReserveMsat` is for a backend that has no fee limit of its own.
 */
export function createWallet<More extends Shown>(
  options: More & WalletBackend,
): Omit<More, keyof WalletBackend> & Pick<LightningWallet, "payInvoice" | "lookupPayment"> {
  const { label, sharesAttempts = false, earlier, send, find, ...shown } = options;
  const { feeReserveMsat } = options;
  const doubts = createDoubts();
  const share = createOngoing<PaymentResult>();

  async function lookUp(paymentHash: string, signal?: AbortSignal): Promise<FoundPayment> {
    // SECURITY: the hash becomes part of a question to the backend (create-wallet.test.ts, "not a payment hash").
    checkPaymentHash(label, paymentHash);
    // SECURITY: a look-up may overtake a payment, and may show an earlier attempt; after a wrong "not-found" or
    // "failed", the buyer pays again (create-wallet.test.ts, "a look-up may overtake", "an earlier failure").
    return doubts.weigh(paymentHash, await find(paymentHash, signal));
  }

  async function sendSafely(order: Order): Promise<Attempt> {
    // SECURITY: not every backend refuses it: LNbits pays it between its own wallets (create-wallet.test.ts, "expired").
    if (order.expiresAt <= new Date()) return refused("The invoice has expired.");
    const reserveMsat: unknown = feeReserveMsat ? feeReserveMsat(order.amountMsat) : 0;
    // SECURITY: only this protects a buyer's budget (create-wallet.test.ts, "sends nothing that may cost more"). A
    // reserve that is no number allows nothing.
    if (!(typeof reserveMsat === "number" && reserveMsat <= order.maxFeeMsat)) {
      const reason = `${label} may take ${reserveMsat} msat for this payment, which is more than maxFeeMsat.`;
      return refused(reason);
    }
    // SECURITY: an earlier order may be under way (create-wallet.test.ts, "sends no other order").
    const before = await earlier?.(order.paymentHash, doubts.has(order.paymentHash));
    if (before) return { result: before, isOver: true };
    return doubts.during(order.paymentHash, () => send(order));
  }

  async function pay(order: Order): Promise<PaymentResult> {
    const { result, lookUp: needsLookUp } = await sendSafely(order);
    if (!needsLookUp) return result;
    // SECURITY: an invoice that is refused now may have been paid before (create-wallet.test.ts, "paid before").
    const found = await resolvePayment(() => lookUp(order.paymentHash, order.signal), result);
    // SECURITY: a look-up cannot undo what the backend called complete (create-wallet.test.ts, "complete").
    const isComplete = result.status === "unknown" && result.withoutPreimage;
    return isComplete && found.status !== "paid" ? result : found;
  }

  return {
    ...shown,

    payInvoice: (input) =>
      payOnce(
        input,
        // The invoice's own text, because the caller's may be a link or have spaces around it, which nodes refuse.
        ({ bolt11, paymentHash, amountMsat, expiresAt }) => {
          const { maxFeeMsat, timeoutSeconds = 60, signal } = input;
          const invoice = { bolt11, paymentHash, amountMsat: Number(amountMsat), expiresAt };
          const order = { ...invoice, maxFeeMsat, timeoutSeconds, signal };
          return sharesAttempts ? share(paymentHash, () => pay(order)) : pay(order);
        },
        doubts,
      ),

    lookupPayment: (paymentHash, { signal } = {}) => lookUp(paymentHash, signal),
  };
}
