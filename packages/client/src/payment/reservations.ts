import { clientError, isL402Error } from "@l402/core";
import type { ClientSettings } from "../client-options.ts";
import { addCredential } from "../credential/add-credential.ts";
import type { ClientState, PendingPayment, StoredCredential } from "../state/client-state.ts";
import { allowedFeeMsat, book } from "./budget.ts";
import { inSats, outcomeUnknown, UNDER_WAY } from "./payment-errors.ts";
import { GRACE_MS } from "./wallet-calls.ts";

/** A payment that the client wants to make, before the budget is checked. */
export type PaymentOrder = Omit<PendingPayment, "maxFeeMsat" | "owner" | "until" | "wallet">;

/**
 * A wallet's backend may begin a payment this long after it got the order, even if the wallet heard no answer. Wallets
 * take this into account only for payments that they sent themselves.
 */
const MAY_BEGIN_MS = 120_000;
/** The longest time a payment can be busy, with clocks two minutes apart. A longer one was written by a wrong clock. */
const MOST_BUSY_MS = 600_000 + GRACE_MS + 120_000;

const MOST_GONE = 100;

export type Reservations = ReturnType<typeof createReservations>;

/** Reserves money before a payment, and books or frees it afterwards. `paying` is what this client pays just now. */
export function createReservations(settings: ClientSettings, paying: ReadonlyMap<string, Promise<unknown>>) {
  const { wallet, store, limits, maxFeeSats, paymentTimeoutSeconds, now, owner } = settings;
  // SECURITY: until then, no other process takes the wallet's answer about an earlier attempt for the outcome of this
  // one (client.wallet.test.ts, "an earlier attempt").
  const busyUntil = () => now() + Math.max(paymentTimeoutSeconds * 1000, MAY_BEGIN_MS) + GRACE_MS;

  /** True while another client may be busy with the payment, and may be about to make it. */
  const belongsToAnother = (payment: PendingPayment) => {
    const busyMs = payment.until - now();
    return payment.owner !== owner && busyMs > 0 && busyMs <= MOST_BUSY_MS;
  };

  /** SECURITY: a wallet that paid without preimage would do so again (client.wallet.test.ts, "without a preimage"). */
  function checkWallet({ unproven }: ClientState): void {
    const paymentHash = Object.keys(unproven).find((hash) => unproven[hash] === wallet.name);
    if (!paymentHash) return;
    const message = `This request paid nothing: the wallet did not return the preimage of payment ${paymentHash}.`;
    const hint = "Use another wallet. If this one returns preimages now, call forget({ paymentHash }).";
    throw clientError("WALLET_NO_PREIMAGE", message, { fundsMoved: "no", hint });
  }

  /** The highest fee that a payment may cost. Throws if it must not be made. */
  function allowedFee({ paymentHash, amountMsat, scope: { origin } }: PaymentOrder, state: ClientState): number {
    checkWallet(state);
    // SECURITY: for an invoice paid before, a wallet returns the old preimage, which opens what another seller sold
    // (client.hostile.test.ts, "invoice of another seller").
    const owned = Object.values(state.credentials).flat();
    if (owned.some((each) => each.paymentHash === paymentHash)) {
      throw clientError("INVOICE_MISMATCH", "This invoice already paid for something else.", {
        hint: "This request paid nothing. Repeat the request to get a new invoice.",
      });
    }
    // The payment's own reservation does not count against it.
    const pending = { ...state.pending };
    delete pending[paymentHash];
    const leastFeeMsat = Math.max(0, Math.ceil(wallet.feeReserveMsat ? wallet.feeReserveMsat(amountMsat) : 0));
    const wantedFeeMsat =
      maxFeeSats === undefined ? Math.max(Math.ceil(amountMsat / 100), 10_000, leastFeeMsat) : maxFeeSats * 1000;
    // SECURITY: such a wallet takes up to its fee reserve without asking (client.budget.test.ts, "maxFeeSats holds").
    if (leastFeeMsat > wantedFeeMsat) {
      const message = `maxFeeSats is ${maxFeeSats}; this wallet may take ${inSats(leastFeeMsat)}.`;
      throw clientError("BUDGET_EXCEEDED", message);
    }
    return allowedFeeMsat({ ...state, pending }, limits, { origin, amountMsat, leastFeeMsat, wantedFeeMsat }, now());
  }

  /** Throws BUDGET_EXCEEDED if a payment would not fit even if the running payments cost no fee. */
  async function check(order: PaymentOrder): Promise<void> {
    const state = await store.read();
    const pending = { ...state.pending };
    for (const [hash, payment] of Object.entries(pending)) {
      if (paying.has(hash)) pending[hash] = { ...payment, maxFeeMsat: 0 };
    }
    allowedFee(order, { ...state, pending });
  }

  /** Writes down a payment with the highest fee that it may cost. */
  async function reserve(order: PaymentOrder, begin: () => void): Promise<PendingPayment> {
    for (;;) {
      try {
        return await store.update((state) => {
          if (state.pending[order.paymentHash]) throw outcomeUnknown(order.paymentHash, UNDER_WAY);
          const maxFeeMsat = allowedFee(order, state);
          begin();
          const payment = { ...order, maxFeeMsat, owner, until: busyUntil(), wallet: wallet.name };
          state.pending[order.paymentHash] = payment;
          return payment;
        });
      } catch (error) {
        if (!isL402Error(error) || error.code !== "BUDGET_EXCEEDED") throw error;
        await check(order);
        const { pending } = await store.read();
        const others = [...paying].flatMap(([hash, payment]) => (pending[hash] ? [payment] : []));
        if (others.length === 0) throw error;
        // Only the reserved fees of the running payments take up the room, so wait until one of them ends.
        await Promise.race(others).catch(() => {});
      }
    }
  }

  /** Takes over a pending payment that no other client is busy with. Two senders could not both book it. */
  const claim = ({ paymentHash }: PendingPayment): Promise<PendingPayment | undefined> =>
    store.update((state) => {
      const payment = state.pending[paymentHash];
      if (!payment) return undefined;
      if (belongsToAnother(payment)) throw outcomeUnknown(paymentHash, UNDER_WAY);
      const maxFeeMsat = Math.min(payment.maxFeeMsat, allowedFee(payment, state));
      Object.assign(payment, { owner, until: busyUntil() });
      return { ...payment, maxFeeMsat };
    });

  /**
   * Ends a reservation. False if another client with the same store was quicker, or is busy with the payment.
   *
   * SECURITY: a payment that another client took for failed, by a wrong clock, is booked all the same
   * (client.clocks.test.ts, "takes for failed").
   */
  const end = (payment: PendingPayment, spentMsat: number, credential?: StoredCredential): Promise<boolean> =>
    store.update((state) => {
      const { paymentHash, scope } = payment;
      const { gone, unproven } = state;
      const found = state.pending[paymentHash];
      if (found ? spentMsat === 0 && belongsToAnother(found) : !gone.includes(paymentHash)) return false;
      delete state.pending[paymentHash];
      delete unproven[paymentHash];
      state.gone = gone.filter((each) => each !== paymentHash).slice(-MOST_GONE);
      if (spentMsat === 0) {
        state.gone.push(paymentHash);
        return true;
      }
      book(state, scope.origin, spentMsat, now());
      if (credential) addCredential(state, credential, now());
      else unproven[paymentHash] = wallet.name;
      return true;
    });

  return { belongsToAnother, check, reserve, claim, end };
}
