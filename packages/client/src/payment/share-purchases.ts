import { isL402Error } from "@l402/core";
import { abortable, LEFT } from "../abortable.ts";
import type { Credentials } from "../credential/credentials.ts";
import type { Redeemed } from "../credential/redeem-credential.ts";
import { isSameWish, type Scope } from "../state/client-state.ts";
import { within } from "../within.ts";
import type { Buy, Want } from "./buy-credential.ts";
import { outcomeUnknown } from "./payment-errors.ts";
import type { Bought } from "./send-payment.ts";

type Redeem = (bought: Bought) => Promise<Redeemed>;

/** How long other requests wait for the seller's answer to the paying request. */
const PROOF_MS = 5_000;

/** Lets requests for the same thing wait for one another, so that they share one payment, as far as its uses go. */
export function shareBuying(buy: Buy, credentials: Credentials) {
  /** The purchases that other requests wait for, by the thing that is bought, or by the invoice. */
  const buying = new Map<string, Promise<void>>();
  /** Purchases whose caller has given up, until any request can use the credential. */
  const leftBehind = new Map<Promise<void>, Scope>();

  /**
   * A purchase whose caller has given up, and who may ask again.
   *
   * SECURITY: who asks for the same waits for it, and pays nothing meanwhile (client.abort.test.ts, "again and again").
   */
  const leftFor = (scope: Scope) => [...leftBehind].find(([, other]) => isSameWish(other, scope))?.[0];

  /**
   * Redeems a credential that another request has bought, or buys one. `undefined` if another request paid this invoice:
   * then the request needs a new one.
   */
  return async function buyOrShare(want: Want, redeem: Redeem): Promise<Redeemed | undefined> {
    const { scope, said, offer, refused, mayShare, signal } = want;
    const shares = mayShare && said.uses !== 1;
    // Requests that do not share pay an invoice each.
    const id = shares ? `${scope.origin} ${scope.resource ?? scope.key}` : offer.paymentHash;
    for (;;) {
      const running = buying.get(id);
      const first = running ?? leftFor(scope);
      if (first) {
        // If the first purchase fails, all waiting requests fail: none of them may pay instead.
        await abortable(first, signal);
        if (running && !shares) return undefined;
        continue;
      }
      const known = mayShare ? await credentials.takeForResource(scope, refused) : undefined;
      if (known) return redeem({ credential: known, paidNow: false });
      if (!buying.has(id) && !leftFor(scope)) break;
    }
    let paying: string | undefined;
    const purchase = buy(want, (paymentHash) => {
      paying = paymentHash;
    });
    const givenUp = () => (paying ? outcomeUnknown(paying, LEFT.message, { cause: signal?.reason }) : signal?.reason);
    const mine = abortable(purchase, signal, givenUp);
    const answer = mine.then(redeem);
    const others = mine
      .then(
        () => untilAnswered(answer),
        (error) => {
          if (!signal?.aborted) throw error;
          return untilBought(purchase, scope);
        },
      )
      .finally(() => buying.delete(id));
    others.catch(() => {}); // There may be no other requests.
    buying.set(id, others);
    return answer;
  };

  /** Waits a while for the seller to accept the credential of a purchase, because it may refuse it. */
  async function untilAnswered(answer: Promise<Redeemed>): Promise<void> {
    const verdict = answer.catch((error) => {
      if (isRejection(error)) throw error;
    });
    await within(PROOF_MS, verdict);
  }

  /** Waits for the end of a purchase whose caller has given up: that stops no other request. */
  function untilBought(purchase: Promise<Bought>, scope: Scope): Promise<void> {
    const ending = purchase.then(
      ({ credential }) => credentials.endUse(credential, "unserved"),
      (reason) => {
        if (reason !== LEFT) throw reason;
      },
    );
    const ended = ending.catch(() => {});
    leftBehind.set(ended, scope);
    return ending.finally(() => leftBehind.delete(ended));
  }
}

/** True if the seller refused, and not if it only did not answer. */
const isRejection = (error: unknown): boolean =>
  isL402Error(error) && error.code === "PAYMENT_REJECTED" && !error.retryable;
