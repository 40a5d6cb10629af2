import { isL402Error } from "@l402/core";
import { abortable, LEFT } from "./abortable.ts";
import type { Buy, Want } from "./buy-credential.ts";
import { isSameWish, type Scope } from "./client-state.ts";
import type { Credentials } from "./credentials.ts";
import { outcomeUnknown } from "./payment-errors.ts";
import type { Bought } from "./payments.ts";
import type { Redeemed } from "./redeem-credential.ts";
import { within } from "./within.ts";

type Redeem = (bought: Bought) => Promise<Redeemed>;

/** How long other requests wait for the seller's answer to the paying request. */
const PROOF_MS = 5_000;

/** Lets requests for the same thing wait for one another, so that they share one payment, as far as its uses go. */
export function createPurchases(buy: Buy, credentials: Credentials) {
  /** The purchases that other requests wait for, by the thing that is bought. */
  const buying = new Map<string, Promise<void>>();
  /** Purchases whose caller has given up, until any request can use the credential. */
  const leftBehind = new Map<Promise<void>, Scope>();

  /** Gets a credential and redeems it. `undefined` if another request paid this invoice: then it takes a new one. */
  async function obtain(want: Want, redeem: Redeem): Promise<Redeemed | undefined> {
    const { scope, offers, offer, refused, mayShare, signal } = want;
    const thing = `${scope.origin} ${scope.resource ?? scope.key}`;
    // Requests that do not share pay an invoice each.
    const shares = mayShare && offers.uses !== 1;
    const id = shares ? thing : offer.paymentHash;
    // SECURITY: a caller who gives up and tries again waits for the first purchase, and pays nothing meanwhile
    // (client.abort.test.ts, "again and again").
    const findLeft = () => [...leftBehind].find(([, other]) => isSameWish(other, scope))?.[0];
    for (;;) {
      const running = buying.get(id);
      const first = running ?? findLeft();
      if (first) {
        // If the first purchase fails, all waiting requests fail: none of them may pay instead.
        await abortable(first, signal);
        if (running && !shares) return undefined;
        continue;
      }
      const known = mayShare ? await credentials.takeForResource(scope, refused) : undefined;
      if (known) return redeem({ credential: known, paidNow: false });
      if (!buying.has(id) && !findLeft()) break;
    }
    let paying: string | undefined;
    const purchase = buy(want, (paymentHash) => {
      paying = paymentHash;
    });
    const givenUp = () => (paying ? outcomeUnknown(paying, LEFT.message, { cause: signal?.reason }) : signal?.reason);
    const mine = abortable(purchase, signal, givenUp);
    const done = mine.then(redeem);
    const others = untilOthersMayGo(want, purchase, mine, done).finally(() => buying.delete(id));
    others.catch(() => {}); // There may be no other requests.
    buying.set(id, others);
    return done;
  }

  /**
   * Resolves when the other requests may go on. They wait until the seller has accepted the credential, because a
   * seller may refuse it, but not longer than `PROOF_MS`.
   */
  async function untilOthersMayGo(
    { scope, signal }: Want,
    purchase: Promise<Bought>,
    mine: Promise<Bought>,
    done: Promise<Redeemed>,
  ): Promise<void> {
    try {
      await mine;
    } catch (error) {
      if (!signal?.aborted) throw error;
      // A caller who gives up does not stop the other requests.
      const ending = purchase.then(
        ({ credential }) => credentials.settle(credential, "unserved"),
        (reason) => {
          if (reason !== LEFT) throw reason;
        },
      );
      const ended = ending.catch(() => {});
      leftBehind.set(ended, scope);
      return ending.finally(() => leftBehind.delete(ended));
    }
    const verdict = done.catch((error) => {
      if (isRejection(error)) throw error;
    });
    await within(PROOF_MS, verdict, undefined);
  }

  return { obtain };
}

/** True if the seller refused, and not if it only did not answer. */
const isRejection = (error: unknown): boolean =>
  isL402Error(error) && error.code === "PAYMENT_REJECTED" && !error.retryable;
