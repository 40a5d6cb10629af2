import { clientError, isL402Error } from "@l402/core";
import { addCredential } from "./add-credential.ts";
import { allowedFeeMsat, book } from "./budget.ts";
import type { ClientSettings } from "./client-options.ts";
import type { ClientState, PendingPayment, StoredCredential } from "./client-state.ts";
import { GRACE_MS } from "./wallet-calls.ts";

/** A payment that was decided on, before the budget is asked. */
export type PaymentOrder = Omit<PendingPayment, "maxFeeMsat" | "owner" | "until" | "wallet">;

/**
 * So long after it was sent, a wallet's backend may still begin with a payment that it was not heard to begin with. Wallets
 * know that of what they sent themselves.
 */
const MAY_BEGIN_MS = 120_000;
/** Nobody is busy for longer, where clocks differ by two minutes: what says so was written by a wrong one. */
const MOST_BUSY_MS = 600_000 + GRACE_MS + 120_000;

type RunningPayments = ReadonlyMap<string, Promise<unknown>>;

/** Sets money aside before it is paid, and books or frees it afterwards. */
export function createReservations(settings: ClientSettings) {
  const { wallet, store, limits, maxFeeSats, paymentTimeoutSeconds, now } = settings;
  const owner = String(Math.random());
  // SECURITY: until then, no other process takes what the wallet says of an earlier attempt for the outcome of this one
  // (client.wallet.test.ts, "an earlier attempt").
  const busyUntil = () => now() + Math.max(paymentTimeoutSeconds * 1000, MAY_BEGIN_MS) + GRACE_MS;

  /** Until its time is over, a payment belongs to whoever sends it, and may be about to be made. */
  const belongsToAnother = (payment: PendingPayment) => {
    const busyMs = payment.until - now();
    return payment.owner !== owner && busyMs > 0 && busyMs <= MOST_BUSY_MS;
  };

  function allowedFee({ paymentHash, amountMsat, scope: { origin } }: PaymentOrder, state: ClientState): number {
    // SECURITY: a wallet hands out the preimage of what it paid before, and with it what was bought elsewhere
    // (client.hostile.test.ts, "invoice of another seller").
    if (Object.values(state.credentials).some((list) => list.some((each) => each.paymentHash === paymentHash))) {
      throw clientError("INVOICE_MISMATCH", "This invoice was paid before, for something else.");
    }
    // What it has reserved itself is not in its way.
    const pending = { ...state.pending };
    delete pending[paymentHash];
    const leastFeeMsat = Math.max(0, Math.ceil(wallet.feeReserveMsat?.(amountMsat) ?? 0));
    const wantedFeeMsat =
      maxFeeSats === undefined ? Math.max(Math.ceil(amountMsat / 100), 10_000, leastFeeMsat) : maxFeeSats * 1000;
    // SECURITY: such a wallet asks nobody (client.budget.test.ts, "maxFeeSats holds").
    if (leastFeeMsat > wantedFeeMsat) {
      const message = `maxFeeSats is ${maxFeeSats}; this wallet may take ${leastFeeMsat / 1000} sats.`;
      throw clientError("BUDGET_EXCEEDED", message);
    }
    return allowedFeeMsat({ ...state, pending }, limits, { origin, amountMsat, leastFeeMsat, wantedFeeMsat }, now());
  }

  /** Throws BUDGET_EXCEEDED where a payment would not even fit if those under way cost no fee. */
  async function check(order: PaymentOrder, running: RunningPayments): Promise<void> {
    const state = await store.read();
    const pending = { ...state.pending };
    for (const [hash, payment] of Object.entries(pending)) {
      if (running.has(hash)) pending[hash] = { ...payment, maxFeeMsat: 0 };
    }
    allowedFee(order, { ...state, pending });
  }

  /** Writes a payment down together with the fee it may cost. */
  async function reserve(order: PaymentOrder, running: RunningPayments): Promise<PendingPayment> {
    for (;;) {
      try {
        return await store.update((state) => {
          if (state.pending[order.paymentHash]) throw outcomeUnknown(order.paymentHash, UNDER_WAY);
          const maxFeeMsat = allowedFee(order, state);
          const payment = { ...order, maxFeeMsat, owner, until: busyUntil(), wallet: wallet.name };
          state.pending[order.paymentHash] = payment;
          return payment;
        });
      } catch (error) {
        if (!isL402Error(error) || error.code !== "BUDGET_EXCEEDED") throw error;
        await check(order, running);
        const { pending } = await store.read();
        const others = [...running].flatMap(([hash, payment]) => (pending[hash] ? [payment] : []));
        if (others.length === 0) throw error;
        // Only the fees that they may still need are in the way.
        await Promise.race(others).catch(() => {});
      }
    }
  }

  /** Takes over what nobody is busy with, if it is still there: two who send one payment could not both keep its books. */
  const claim = ({ paymentHash }: PendingPayment): Promise<PendingPayment | undefined> =>
    store.update((state) => {
      const payment = state.pending[paymentHash];
      if (!payment) return undefined;
      if (belongsToAnother(payment)) throw outcomeUnknown(paymentHash, UNDER_WAY);
      const maxFeeMsat = Math.min(payment.maxFeeMsat, allowedFee(payment, state));
      Object.assign(payment, { owner, until: busyUntil() });
      return { ...payment, maxFeeMsat };
    });

  /** Ends a reservation. False where somebody who shares the store was quicker, or is busy with it. */
  const end = (payment: PendingPayment, spentMsat: number, credential?: StoredCredential): Promise<boolean> =>
    store.update((state) => {
      const found = state.pending[payment.paymentHash];
      if (!found || (spentMsat === 0 && belongsToAnother(found))) return false;
      delete state.pending[payment.paymentHash];
      if (spentMsat > 0) book(state, payment.scope.origin, spentMsat, now());
      if (credential) addCredential(state, credential, now());
      return true;
    });

  return { belongsToAnother, check, reserve, claim, end };
}

export const UNDER_WAY = "It is still under way.";

export const outcomeUnknown = (paymentHash: string, reason: string, options?: { cause: unknown }) =>
  clientError("PAYMENT_OUTCOME_UNKNOWN", `Payment ${paymentHash} may have been made: ${reason}`, {
    hint: "Repeat the request later, or call resume(): both ask the wallet. Pay by no other way meanwhile.",
    ...options,
  });
