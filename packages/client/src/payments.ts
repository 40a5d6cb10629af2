import { clientError, isPreimageOf, type PaymentResult } from "@l402/core";
import type { ClientSettings } from "./client-options.ts";
import { isSameThing, type PendingPayment, type Scope, type StoredCredential } from "./client-state.ts";
import { createReservations, outcomeUnknown, type PaymentOrder, UNDER_WAY } from "./reservations.ts";
import { createWalletCalls } from "./wallet-calls.ts";

/** How long after its expiry an invoice might still be paid, by clocks that differ. */
const EXPIRY_SKEW_MS = 60_000;
/** How long to wait for somebody else's payment for the same, and how often to ask. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 200;
const REMEMBERED = 10_000;

/** What a payment led to. */
export interface Bought {
  credential: StoredCredential;
  /** Whether this very request paid for it. */
  paidNow: boolean;
}

export type Payments = ReturnType<typeof createPayments>;

/**
 * Moves money: once for a payment hash, within the budget, and never without a trace.
 *
 * SECURITY: a payment is written down before the wallet is asked, and is only crossed out when its outcome is certain
 * (client.crash.test.ts, client.budget.test.ts).
 */
export function createPayments(settings: ClientSettings) {
  const { store, paymentTimeoutSeconds, now, tell } = settings;
  const wallet = createWalletCalls(settings.wallet, paymentTimeoutSeconds);
  const reservations = createReservations(settings);
  /** By payment hash: what this client is paying, and what it is finding out about. */
  const paying = new Map<string, Promise<Bought>>();
  const finishing = new Map<string, Promise<Bought | undefined>>();
  /** What this client began, whatever became of it; and what it paid. */
  const begun = new Set<string>();
  const paid = new Set<string>();

  /** Until its time is over, a payment belongs to whoever began it, and may be about to be sent. */
  const isOthers = ({ paymentHash, until }: PendingPayment) => !begun.has(paymentHash) && now() < until;

  /** Pays what is reserved. The same invoice can be paid again: a wallet sends it once. */
  async function send(payment: PendingPayment): Promise<Bought> {
    const { paymentHash } = payment;
    remember(begun, paymentHash);
    let result: PaymentResult;
    try {
      result = await wallet.pay(payment);
    } catch (error) {
      await end(payment, 0);
      throw error;
    }
    if (result.status === "paid") return complete(payment, result);
    if (result.status === "failed") await end(payment, 0);
    const found = result.status === "failed" ? "gone" : await lookUp(payment);
    if (typeof found === "object") return found;
    if (found === "gone") throw clientError("PAYMENT_FAILED", `The wallet could not pay: ${result.reason}`);
    throw outcomeUnknown(paymentHash, result.reason);
  }

  async function complete(payment: PendingPayment, result: { preimage: string; feeMsat: number }): Promise<Bought> {
    const { paymentHash, token, scope, amountMsat, maxFeeMsat, uses, validUntil } = payment;
    const { preimage } = result;
    const feeMsat = Number.isSafeInteger(result.feeMsat) && result.feeMsat >= 0 ? result.feeMsat : maxFeeMsat;
    const isProof = isPreimageOf(preimage, paymentHash);
    const credential = { paymentHash, token, preimage, scope, amountMsat, feeMsat, usesLeft: uses, validUntil };

    remember(paid, paymentHash);
    const paidNow = await end(payment, amountMsat + feeMsat, isProof ? credential : undefined);
    if (!isProof) {
      throw clientError(
        "WALLET_NO_PREIMAGE",
        `Payment ${paymentHash} was made, but what came back is not its preimage.`,
      );
    }
    const { origin, resource } = scope;
    if (paidNow) tell(() => settings.onPayment?.({ paymentHash, origin, resource, amountMsat, feeMsat }));
    return { credential, paidNow };
  }

  /** What cannot be crossed out stays pending, and is looked up again. It changes nothing about what happened. */
  async function end(...ending: Parameters<typeof reservations.end>): Promise<boolean> {
    try {
      return await reservations.end(...ending);
    } catch (error) {
      tell(() => settings.onError?.(error));
      return true;
    }
  }

  /** What became of a payment. "not-sent" means that the wallet does not know it, yet the invoice can still be paid. */
  async function lookUp(payment: PendingPayment): Promise<Bought | "unknown" | "not-sent" | "gone"> {
    const found = await wallet.lookUp(payment.paymentHash);
    if (found.status === "paid") return complete(payment, found);
    if (found.status === "unknown" || isOthers(payment)) return "unknown";
    if (found.status === "not-found" && now() < payment.invoiceExpiresAt + EXPIRY_SKEW_MS) return "not-sent";
    await end(payment, 0);
    return "gone";
  }

  /** Finishes what was begun earlier, as soon as its outcome can be known. Nothing where it came to nothing. */
  async function finish(payment: PendingPayment): Promise<Bought | undefined> {
    const patienceEnds = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = await lookUp(payment);
      if (typeof found === "object") return { ...found, paidNow: false };
      if (found === "gone") return undefined;
      if (found === "not-sent") return send(payment);
      if (!isOthers(payment) || performance.now() > patienceEnds) {
        throw outcomeUnknown(payment.paymentHash, UNDER_WAY);
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      if (!(await store.read()).pending[payment.paymentHash]) return undefined;
    }
  }

  return {
    /** Whether an invoice was paid: nobody asks for that twice. */
    hasPaid: (paymentHash: string): boolean => paid.has(paymentHash),

    /** Throws BUDGET_EXCEEDED, so that nobody is asked to approve what cannot be paid. */
    check: (order: PaymentOrder): Promise<void> => reservations.check(order, paying),

    async pay(order: PaymentOrder): Promise<Bought> {
      const { paymentHash } = order;
      if (paying.has(paymentHash)) throw outcomeUnknown(paymentHash, UNDER_WAY);
      return during(paying, paymentHash, async () => send(await reservations.reserve(order, paying)));
    },

    /** Finishes what an earlier request or an earlier run of the program began for the same thing, if there is any. */
    async finishEarlier(scope: Scope): Promise<Bought | undefined> {
      for (const payment of Object.values((await store.read()).pending)) {
        const { paymentHash } = payment;
        if (!isSameThing(payment.scope, scope) || paying.has(paymentHash)) continue;
        const running = finishing.get(paymentHash);
        // Whoever came first has what it bought.
        const bought = await (running ?? during(finishing, paymentHash, () => finish(payment)));
        if (bought && !running) return bought;
      }
      return undefined;
    },

    /** Looks up every payment whose outcome is open; answers those that still are. */
    async resume(): Promise<string[]> {
      for (const payment of Object.values((await store.read()).pending)) {
        if (paying.has(payment.paymentHash)) continue;
        await lookUp(payment).catch((error) => tell(() => settings.onError?.(error)));
      }
      return Object.keys((await store.read()).pending);
    },
  };
}

function during<Result>(map: Map<string, Promise<Result>>, key: string, work: () => Promise<Result>): Promise<Result> {
  const promise = work().finally(() => map.delete(key));
  map.set(key, promise);
  return promise;
}

/** No need to remember for ever. */
function remember(hashes: Set<string>, hash: string): void {
  if (hashes.size > REMEMBERED) hashes.clear();
  hashes.add(hash);
}
