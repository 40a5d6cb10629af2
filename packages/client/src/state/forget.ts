import { book } from "../payment/budget.ts";
import type { ClientState, Deal, PendingPayment } from "./client-state.ts";

/** The things to forget: those of an address's origin, one payment, or everything (`undefined`). */
export type Forgotten = string | { paymentHash: string } | undefined;

/**
 * Forgets credentials and open payments, and returns how many. An open payment counts as made, because nobody will look
 * it up any more: money that may be gone must not be spent again.
 */
export function forgetIn(
  state: ClientState,
  what: Forgotten,
  now: number,
  isUnderWay: (payment: PendingPayment) => boolean,
): number {
  const { credentials, pending, unproven } = state;
  const origin = typeof what === "string" && new URL(what).origin;
  const isNamed = (hash: string) => what === undefined || (typeof what === "object" && what.paymentHash === hash);
  const isMeant = ({ scope, paymentHash }: Deal) => isNamed(paymentHash) || scope.origin === origin;
  let count = 0;
  for (const [key, list] of Object.entries(credentials)) {
    const rest = list.filter((each) => !isMeant(each));
    count += list.filter((each) => isMeant(each) && each.usesLeft !== 0).length;
    credentials[key] = rest;
    if (rest.length === 0) delete credentials[key];
  }
  for (const hash of Object.keys(unproven)) {
    if (pending[hash] || !isNamed(hash)) continue;
    delete unproven[hash];
    count++;
  }
  for (const payment of Object.values(pending)) {
    const { paymentHash, scope, amountMsat, maxFeeMsat } = payment;
    if (!isMeant(payment) || isUnderWay(payment)) continue;
    count++;
    delete pending[paymentHash];
    delete unproven[paymentHash];
    book(state, scope.origin, amountMsat + maxFeeMsat, now);
  }
  return count;
}
