import { book } from "./budget.ts";
import type { ClientState, PendingPayment } from "./client-state.ts";

/**
 * Forgets what was bought, at one origin or everywhere. A payment whose outcome nobody will learn any more counts as made:
 * money that may be gone is not spent again.
 */
export function forgetIn(
  state: ClientState,
  origin: string | undefined,
  now: number,
  isUnderWay: (payment: PendingPayment) => boolean,
): number {
  let count = 0;
  for (const [key, list] of Object.entries(state.credentials)) {
    if (origin !== undefined && list[0]?.scope.origin !== origin) continue;
    count += list.length;
    delete state.credentials[key];
  }
  for (const payment of Object.values(state.pending)) {
    const { paymentHash, scope, amountMsat, maxFeeMsat } = payment;
    if ((origin !== undefined && scope.origin !== origin) || isUnderWay(payment)) continue;
    count++;
    delete state.pending[paymentHash];
    book(state, scope.origin, amountMsat + maxFeeMsat, now);
  }
  return count;
}
