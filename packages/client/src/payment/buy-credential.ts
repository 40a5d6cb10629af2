import { clientError } from "@l402/core";
import { abortable, LEFT } from "../abortable.ts";
import { checkNotExpired, type Offer } from "../challenge/check-offer.ts";
import type { Answer402 } from "../challenge/read-402.ts";
import type { ClientSettings } from "../client-options.ts";
import type { Credentials } from "../credential/credentials.ts";
import type { Quote } from "../l402-client.ts";
import { type PendingPayment, requestOf, type Scope } from "../state/client-state.ts";
import { rejected } from "./payment-errors.ts";
import type { Payments } from "./payments.ts";
import type { PaymentOrder } from "./reservations.ts";
import type { Bought } from "./send-payment.ts";

/** The thing that a request wants to buy after it got a 402. */
export interface Want {
  scope: Scope;
  said: Answer402;
  offer: Offer;
  quote: Quote;
  /** The payment hash of the credential that the seller refused for this request, if any. */
  refused: string | undefined;
  /** False if a credential that another request bought turned out to be useless for this request. */
  mayShare: boolean;
  signal: AbortSignal | undefined;
}

export type Buy = ReturnType<typeof createBuyer>;

/** Makes the function that gets a credential for a request, with one use taken. It pays only if it finds none. */
export function createBuyer(settings: ClientSettings, payments: Payments, credentials: Credentials) {
  return async function buy(want: Want, onPaying: (paymentHash: string) => void): Promise<Bought> {
    const { scope, offer, said, quote, refused, mayShare, signal } = want;

    // If the caller gives up, the client does not wait for the approval.
    const askUser = (what: Quote) => abortable(approve(settings, what), signal, () => LEFT);
    /** The last checks before money is reserved, because an approval, or room in the budget, may take long. */
    const begin = ({ paymentHash, expiresAt }: Quote) => {
      checkNotExpired(expiresAt, settings.now());
      if (signal?.aborted) throw LEFT;
      onPaying(paymentHash);
    };

    // A payment that an earlier request began may have arrived, or still has to be sent.
    const earlier = await payments.finishEarlier(scope, async (payment) => {
      const check = async () => settings.checkInvoice?.({ origin: payment.scope.origin, bolt11: payment.bolt11 });
      await abortable(check(), signal, () => LEFT);
      const again = quoteOf(payment);
      await askUser(again);
      begin(again);
    });
    if (earlier && credentials.takeIfFree(earlier.credential)) return earlier;

    // Another process may be buying the same thing, or may have bought it meanwhile.
    if (mayShare) await credentials.waitForOthers(scope);
    const known = mayShare ? await credentials.takeForResource(scope, refused) : undefined;
    if (known) return { credential: known, paidNow: false };

    // SECURITY: otherwise a seller that redirects to a new address each time would be paid each time
    // (client.stuck.test.ts, "gets one payment").
    const owed = await credentials.owes(scope);
    if (owed) throw rejected(owed, "never accepted the credential");

    const order = orderOf(scope, offer, said);
    await payments.check(order);
    await askUser(quote);
    credentials.startUse(offer.paymentHash);
    try {
      return await payments.pay(order, () => begin(quote));
    } catch (error) {
      credentials.cancelUse(offer.paymentHash);
      throw error;
    }
  };
}

async function approve({ approve }: ClientSettings, quote: Quote): Promise<void> {
  if (!approve) return;
  const answer = await Promise.resolve(quote)
    .then(approve)
    .catch((cause) => {
      throw clientError("PAYMENT_DECLINED", "The option approve failed.", { cause });
    });
  if (answer !== true) throw clientError("PAYMENT_DECLINED");
}

function orderOf(scope: Scope, offer: Offer, { scheme, uses, validForSeconds }: Answer402): PaymentOrder {
  const { expiresAt, description, ...offered } = offer;
  const invoiceExpiresAt = expiresAt.getTime();
  return {
    ...offered,
    scheme,
    scope,
    invoiceExpiresAt,
    uses: typeof uses === "number" ? uses : undefined,
    validUntil: validForSeconds && Math.min(invoiceExpiresAt + Math.max(validForSeconds, LEAST_SECONDS) * 1000, LAST),
  };
}

/**
 * How long a credential is kept at least.
 *
 * SECURITY: while it is kept, a seller that never served anything gets no more (client.stuck.test.ts, "a second").
 */
const LEAST_SECONDS = 3600;
/** The last millisecond that a `Date` can hold. */
const LAST = 8.64e15;

/** The quote that the user is asked to approve before a payment is sent again. */
function quoteOf({ scope, paymentHash, amountMsat, uses, invoiceExpiresAt }: PendingPayment): Quote {
  const { origin, resource } = scope;
  const expiresAt = new Date(invoiceExpiresAt);
  return { ...requestOf(scope), origin, amountMsat, paymentHash, expiresAt, description: undefined, resource, uses };
}
