import { clientError, isL402Error, isPreimageOf, type PaymentResult } from "@l402/core";
import { allowedFeeMsat, book } from "./budget.ts";
import type { ClientSettings } from "./client-options.ts";
import type { ClientState, PendingPayment, Scope, StoredCredential } from "./client-state.ts";
import { addCredential } from "./credentials.ts";

export type PaymentOrder = Omit<PendingPayment, "maxFeeMsat">;

const GRACE_MS = 15_000;
const EXPIRY_SKEW_MS = 60_000;

export type Payments = ReturnType<typeof createPayments>;

/**
 * Moves money: once for a payment hash, within the budget, and never without a trace.
 *
 * SECURITY: a payment is written down before the wallet is asked, and is only crossed out when its outcome is certain
 * (client.crash.test.ts, client.budget.test.ts).
 */
export function createPayments(settings: ClientSettings) {
  const { wallet, store, limits, maxFeeSats, paymentTimeoutSeconds, now } = settings;
  /** What this client is paying or looking up right now, by payment hash. */
  const active = new Map<string, Promise<StoredCredential>>();

  function expenseOf({ amountMsat, scope: { origin } }: PaymentOrder) {
    const leastFeeMsat = wallet.feeReserveMsat?.(amountMsat) ?? 0;
    const wanted = maxFeeSats === undefined ? Math.max(Math.ceil(amountMsat / 100), 10_000) : maxFeeSats * 1000;
    return { origin, amountMsat, leastFeeMsat, wantedFeeMsat: Math.max(leastFeeMsat, wanted) };
  }

  async function reserve(order: PaymentOrder): Promise<PendingPayment> {
    const expense = expenseOf(order);
    for (;;) {
      try {
        return await store.update((state) => {
          const payment = { ...order, maxFeeMsat: allowedFeeMsat(state, limits, expense, now()) };
          state.pending[order.paymentHash] = payment;
          return payment;
        });
      } catch (error) {
        if (active.size === 0 || !fitsWithoutFees(await store.read(), expense)) throw error;
        // Only the fees that others may still need are in the way.
        await Promise.race(active.values()).catch(() => {});
      }
    }
  }

  function fitsWithoutFees(state: ClientState, expense: ReturnType<typeof expenseOf>): boolean {
    const pending = Object.entries(state.pending).map(([hash, payment]) => [hash, { ...payment, maxFeeMsat: 0 }]);
    try {
      allowedFeeMsat({ ...state, pending: Object.fromEntries(pending) }, limits, expense, now());
      return true;
    } catch {
      return false;
    }
  }

  const crossOut = (payment: PendingPayment, spentMsat: number, credential?: StoredCredential) =>
    store.update((state) => {
      // Somebody who shares the store may have been quicker.
      if (!state.pending[payment.paymentHash]) return;
      delete state.pending[payment.paymentHash];
      if (spentMsat > 0) book(state, payment.scope.origin, spentMsat, now());
      if (credential) addCredential(state, credential);
    });

  async function askWallet(payment: PendingPayment): Promise<PaymentResult> {
    const { bolt11, maxFeeMsat } = payment;
    const late = new Promise<PaymentResult>((resolve) => {
      const reason = `The wallet did not answer within ${paymentTimeoutSeconds} s.`;
      const timer = setTimeout(resolve, paymentTimeoutSeconds * 1000 + GRACE_MS, { status: "unknown", reason });
      // Waiting for a wallet keeps no program alive.
      (timer as { unref?: () => void }).unref?.();
    });
    try {
      return await Promise.race([
        wallet.payInvoice({ bolt11, maxFeeMsat, timeoutSeconds: paymentTimeoutSeconds }),
        late,
      ]);
    } catch (error) {
      if (isL402Error(error) && error.fundsMoved === "no") {
        await crossOut(payment, 0);
        throw error;
      }
      return { status: "unknown", reason: isL402Error(error) ? error.message : "The wallet failed." };
    }
  }

  /** Pays what is reserved. The same invoice can be paid again: a wallet sends it once. */
  async function settle(payment: PendingPayment): Promise<StoredCredential> {
    const result = await askWallet(payment);
    if (result.status === "paid") return complete(payment, result);
    if (result.status === "failed") {
      await crossOut(payment, 0);
      throw clientError("PAYMENT_FAILED", `The wallet could not pay: ${result.reason}`);
    }
    const found = await lookUp(payment);
    if (typeof found === "object") return found;
    throw unknown(payment, result.reason);
  }

  async function complete(
    payment: PendingPayment,
    { preimage, feeMsat }: { preimage: string; feeMsat: number },
  ): Promise<StoredCredential> {
    const { paymentHash, token, scope, amountMsat, maxFeeMsat, uses, validUntil } = payment;
    const fee = Number.isSafeInteger(feeMsat) && feeMsat >= 0 ? feeMsat : maxFeeMsat;
    if (!isPreimageOf(preimage, paymentHash)) {
      await crossOut(payment, amountMsat + fee);
      throw clientError(
        "WALLET_NO_PREIMAGE",
        `The wallet paid ${paymentHash}, but its preimage is not that of the invoice.`,
      );
    }
    const credential: StoredCredential = { paymentHash, token, preimage, scope, amountMsat, feeMsat: fee };
    if (uses !== undefined) credential.usesLeft = uses;
    if (validUntil !== undefined) credential.validUntil = validUntil;
    // What was paid for is used even if it cannot be written down; the payment then stays pending, and is found again.
    await crossOut(payment, amountMsat + fee, credential).catch((error) =>
      settings.tell(() => settings.onError?.(error)),
    );
    const { origin, resource } = scope;
    settings.tell(() => settings.onPayment?.({ paymentHash, origin, resource, amountMsat, feeMsat: fee }));
    return credential;
  }

  /** What became of a payment. "not-sent" means that the wallet does not know it, yet the invoice can still be paid. */
  async function lookUp(payment: PendingPayment): Promise<StoredCredential | "unknown" | "not-sent" | "gone"> {
    let found: Awaited<ReturnType<typeof wallet.lookupPayment>>;
    try {
      found = await wallet.lookupPayment(payment.paymentHash, { signal: AbortSignal.timeout(GRACE_MS) });
    } catch {
      return "unknown";
    }
    if (found.status === "paid") return complete(payment, found);
    if (found.status === "unknown") return "unknown";
    if (found.status === "not-found" && now() < payment.invoiceExpiresAt + EXPIRY_SKEW_MS) return "not-sent";
    await crossOut(payment, 0);
    return "gone";
  }

  /** Lets one at a time care for a payment; the others get the same answer. */
  function once(paymentHash: string, work: () => Promise<StoredCredential>): Promise<StoredCredential> {
    const running = active.get(paymentHash);
    if (running) return running;
    const promise = work().finally(() => active.delete(paymentHash));
    active.set(paymentHash, promise);
    return promise;
  }

  return {
    pay: (order: PaymentOrder): Promise<StoredCredential> =>
      once(order.paymentHash, async () => settle(await reserve(order))),

    /** Finishes what an earlier request or an earlier run of the program began for the same thing, if there is any. */
    async finishEarlier(scope: Scope): Promise<StoredCredential | undefined> {
      const { pending } = await store.read();
      for (const payment of Object.values(pending)) {
        if (payment.scope.key !== scope.key || active.has(payment.paymentHash)) continue;
        const GONE = {};
        const credential = await once(payment.paymentHash, async () => {
          const found = await lookUp(payment);
          if (typeof found === "object") return found;
          if (found === "not-sent") return settle(payment);
          if (found === "gone") throw GONE;
          throw unknown(payment, "An earlier payment for the same is still under way.");
        }).catch((error) => {
          if (error !== GONE) throw error;
          return undefined;
        });
        if (credential) return credential;
      }
      return undefined;
    },

    /** Looks up every payment whose outcome is open; answers those that still are. */
    async resume(): Promise<string[]> {
      const { pending } = await store.read();
      const open: string[] = [];
      for (const payment of Object.values(pending)) {
        if (active.has(payment.paymentHash)) continue;
        const found = await lookUp(payment);
        if (found === "unknown" || found === "not-sent") open.push(payment.paymentHash);
      }
      return open;
    },
  };
}

const unknown = ({ paymentHash }: PendingPayment, reason: string) =>
  clientError("PAYMENT_OUTCOME_UNKNOWN", `Payment ${paymentHash} may have been made: ${reason}`);
