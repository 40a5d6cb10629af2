import { isL402Error } from "@l402/core";
import { LEFT } from "../abortable.ts";
import type { ClientSettings } from "../client-options.ts";
import { isSameWish, type PendingPayment, type Scope } from "../state/client-state.ts";
import { type Forgotten, forgetIn } from "../state/forget.ts";
import { pause } from "../within.ts";
import { outcomeUnknown, UNDER_WAY } from "./payment-errors.ts";
import { createReservations, type PaymentOrder } from "./reservations.ts";
import { type Bought, createSender } from "./send-payment.ts";
import { createWalletCalls } from "./wallet-calls.ts";

/** How long to wait for the payment of another process for the same thing. */
const PATIENCE_MS = 10_000;
/** How long to wait, after that payment was made, until the other process writes it down. */
const WRITING_MS = 5_000;
const PAUSE_MS = 200;

/** Throws if a payment may not be sent again. */
type Consent = (payment: PendingPayment) => Promise<void>;

export type Payments = ReturnType<typeof createPayments>;

/**
 * Makes payments: once for a payment hash, within the budget, and never without a trace.
 *
 * SECURITY: a payment is written down before the wallet is asked, and is removed only when its outcome is certain
 * (client.crash.test.ts, client.budget.test.ts).
 */
export function createPayments(settings: ClientSettings) {
  const { store, now, report } = settings;
  const wallet = createWalletCalls(settings);
  /** By payment hash: the payments that this client is making. */
  const paying = new Map<string, Promise<unknown>>();
  /** By payment hash: the earlier payments whose outcome this client is finding out. */
  const finishing = new Map<string, Promise<unknown>>();
  const reservations = createReservations(settings, paying);
  const { belongsToAnother } = reservations;
  const { send, lookUp, isElsewhere, hasPaid } = createSender(settings, wallet, reservations);

  /** True if a payment has ended. Gives another process, which may be alive, the time to end what it began. */
  async function isEnded(payment: PendingPayment): Promise<boolean> {
    const { paymentHash } = payment;
    let isPaid = false;
    let patienceEnds = performance.now() + PATIENCE_MS;
    while ((await store.read()).pending[paymentHash]) {
      if (!belongsToAnother(payment) || performance.now() > patienceEnds) return false;
      await pause(PAUSE_MS);
      if (isPaid || (await wallet.lookUp(paymentHash)).status !== "paid") continue;
      isPaid = true;
      patienceEnds = performance.now() + WRITING_MS;
    }
    return true;
  }

  /** Finishes an earlier payment as soon as its outcome can be known. Returns `undefined` if it bought nothing. */
  async function finish(payment: PendingPayment, consent: Consent): Promise<Bought | undefined> {
    if (await isEnded(payment)) return undefined;
    const found = await lookUp(payment);
    if (typeof found === "object") return { credential: found, paidNow: false };
    if (found === "gone") return undefined;
    const begun = `It was begun with the wallet "${payment.wallet}".`;
    if (found === "unknown") throw outcomeUnknown(payment.paymentHash, isElsewhere(payment) ? begun : UNDER_WAY);
    const claimed = await takeOver(payment, consent).catch((cause) => {
      if (cause === LEFT || (isL402Error(cause) && cause.fundsMoved !== "no")) throw cause;
      const reason = isL402Error(cause) ? cause.message : "checkInvoice refused the invoice.";
      throw outcomeUnknown(payment.paymentHash, `The client does not send it again. ${reason}`, { cause });
    });
    return claimed && during(paying, payment.paymentHash, () => send(claimed));
  }

  /** SECURITY: a payment sent again must pass today's rules, like any other (client.budget.test.ts, "sent again"). */
  async function takeOver(payment: PendingPayment, consent: Consent): Promise<PendingPayment | undefined> {
    await reservations.check(payment);
    await consent(payment);
    return reservations.claim(payment);
  }

  return {
    hasPaid,

    /** Throws early, so that the user is not asked to approve a payment that cannot be made. */
    check: reservations.check,

    /** `begin` is called at the last moment before money is reserved. If it throws, nothing is paid. */
    async pay(order: PaymentOrder, begin: () => void): Promise<Bought> {
      const { paymentHash } = order;
      if (paying.has(paymentHash)) throw outcomeUnknown(paymentHash, UNDER_WAY);
      return during(paying, paymentHash, async () => send(await reservations.reserve(order, begin)));
    },

    /** Finishes a payment that an earlier request, or an earlier run of the program, began for the same thing. */
    async finishEarlier(scope: Scope, consent: Consent): Promise<Bought | undefined> {
      for (const payment of Object.values((await store.read()).pending)) {
        const { paymentHash } = payment;
        if (!isSameWish(payment.scope, scope)) continue;
        // Who waits for the outcome waits once: if it stays unknown for one request, so it does for the others.
        while (finishing.has(paymentHash)) await finishing.get(paymentHash)?.catch(throwIfUnknown);
        if (paying.has(paymentHash)) continue;
        const bought = await during(finishing, paymentHash, () => finish(payment, consent));
        if (bought) return bought;
      }
      return undefined;
    },

    /** Looks up every payment whose outcome is open, and returns the payment hashes that are still open. */
    async resume(): Promise<string[]> {
      for (const payment of Object.values((await store.read()).pending)) {
        const { paymentHash } = payment;
        if (paying.has(paymentHash) || finishing.has(paymentHash)) continue;
        await during(finishing, paymentHash, () => lookUp(payment)).catch(report);
      }
      return Object.keys((await store.read()).pending);
    },

    forget: (what?: Forgotten): Promise<number> =>
      store.update((state) =>
        forgetIn(state, what, now(), (payment) => belongsToAnother(payment) || paying.has(payment.paymentHash)),
      ),
  };
}

function throwIfUnknown(error: unknown): void {
  if (isL402Error(error) && error.code === "PAYMENT_OUTCOME_UNKNOWN") throw error;
}

/** Does a work that is in the map from before its beginning until its end. */
function during<Result>(map: Map<string, Promise<unknown>>, key: string, work: () => Promise<Result>): Promise<Result> {
  const promise = Promise.resolve()
    .then(work)
    .finally(() => map.delete(key));
  map.set(key, promise);
  return promise;
}
