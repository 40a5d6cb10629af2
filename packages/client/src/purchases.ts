import { clientError, isL402Error } from "@l402/core";
import { abortable, LEFT } from "./abortable.ts";
import { checkNotExpired, type SoundOffer } from "./check-offer.ts";
import type { ClientSettings } from "./client-options.ts";
import { isSameWish, type PendingPayment, type Scope } from "./client-state.ts";
import type { Credentials } from "./credentials.ts";
import type { Quote } from "./l402-client.ts";
import { outcomeUnknown, rejected } from "./payment-errors.ts";
import type { Bought, Payments } from "./payments.ts";
import type { Offers } from "./read-offers.ts";
import type { Redeemed } from "./redeem-credential.ts";
import type { PaymentOrder } from "./reservations.ts";
import { within } from "./within.ts";

/** The thing that a request wants to buy after it got a 402. */
interface Want {
  scope: Scope;
  offers: Offers;
  offer: SoundOffer;
  quote: Quote;
  /** The payment hash of the credential that the seller refused for this request, if any. */
  refused: string | undefined;
  /** False if a credential that another request bought turned out to be useless for this request. */
  mayShare: boolean;
  signal: AbortSignal | undefined;
}

type Redeem = (bought: Bought) => Promise<Redeemed>;

/** How long other requests wait for the seller's answer to the paying request. */
const PROOF_MS = 5_000;

/** Buys credentials, unless there is one: requests for the same thing share one payment, as far as its uses go. */
export function createPurchases(settings: ClientSettings, payments: Payments, credentials: Credentials) {
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
    const others = goOn(want, purchase, mine, done).finally(() => buying.delete(id));
    others.catch(() => {}); // There may be no other requests.
    buying.set(id, others);
    return done;
  }

  /** Returns a credential with one use taken for this request. */
  async function buy(want: Want, onPaying: (paymentHash: string) => void): Promise<Bought> {
    const { scope, offer, offers, quote, refused, mayShare, signal } = want;
    const { paymentHash } = offer;
    const decide = async (quote: Quote) => {
      // If the caller gives up, the client does not wait for the approval.
      await abortable(approve(quote), signal, () => LEFT);
      // A person may take their time.
      checkNotExpired(quote.expiresAt, settings.now());
      if (signal?.aborted) throw LEFT;
      onPaying(quote.paymentHash);
    };
    const earlier = await payments.finishEarlier(scope, async (payment) => {
      const check = async () => settings.checkInvoice?.({ origin: payment.scope.origin, bolt11: payment.bolt11 });
      await abortable(check(), signal, () => LEFT);
      await decide(quoteOf(payment));
    });
    if (earlier && credentials.takeIfFree(earlier.credential)) return earlier;
    if (mayShare) await credentials.waitForOthers(scope);
    // Another process may have bought it meanwhile.
    const known = mayShare ? await credentials.takeForResource(scope, refused) : undefined;
    if (known) return { credential: known, paidNow: false };
    const owed = await credentials.owes(scope);
    // SECURITY: otherwise a seller that redirects to a new address each time would be paid each time
    // (client.stuck.test.ts, "gets one payment").
    if (owed) throw rejected(owed, "never accepted it");
    const order = orderOf(scope, offer, offers);
    await payments.check(order);
    await decide(quote);
    credentials.startOwn(paymentHash);
    try {
      return await payments.pay(order);
    } catch (error) {
      credentials.endUse(paymentHash);
      throw error;
    }
  }

  /**
   * Resolves when the other requests may go on. They wait until the seller has accepted the credential, because a
   * seller may refuse it, but not longer than `PROOF_MS`.
   */
  async function goOn(
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

  async function approve(quote: Quote): Promise<void> {
    const { approve } = settings;
    if (!approve) return;
    const answer = await Promise.resolve(quote)
      .then(approve)
      .catch((cause) => {
        throw clientError("PAYMENT_DECLINED", "The approve option failed.", { cause });
      });
    if (answer !== true) throw clientError("PAYMENT_DECLINED");
  }

  return { obtain };
}

/** True if the seller refused, and not if it only did not answer. */
const isRejection = (error: unknown): boolean =>
  isL402Error(error) && error.code === "PAYMENT_REJECTED" && !error.retryable;

function orderOf(scope: Scope, offer: SoundOffer, { uses, validForSeconds }: Offers): PaymentOrder {
  const { paymentHash, bolt11, token, amountMsat } = offer;
  const invoiceExpiresAt = offer.expiresAt.getTime();
  return {
    paymentHash,
    bolt11,
    token,
    scope,
    amountMsat,
    invoiceExpiresAt,
    uses: typeof uses === "number" ? uses : undefined,
    validUntil: validForSeconds && invoiceExpiresAt + validForSeconds * 1000,
  };
}

/** The quote that the user is asked to approve before a payment is sent again. */
function quoteOf({ scope, paymentHash, amountMsat, uses, invoiceExpiresAt }: PendingPayment): Quote {
  const { key, origin, resource } = scope;
  const [method = "", url = ""] = key.split(" ");
  const expiresAt = new Date(invoiceExpiresAt);
  return { url, method, origin, amountMsat, paymentHash, expiresAt, description: undefined, resource, uses };
}
