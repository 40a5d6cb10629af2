import { clientError } from "@l402/core";
import type { SoundOffer } from "./check-offer.ts";
import type { ClientSettings } from "./client-options.ts";
import type { Scope, StoredCredential } from "./client-state.ts";
import type { Credentials } from "./credentials.ts";
import type { Quote } from "./l402-client.ts";
import type { PaymentOrder, Payments } from "./payments.ts";
import type { Offers } from "./read-offers.ts";

export interface Obtained {
  credential: StoredCredential;
  /** Whether it was paid for by this very request. */
  paidNow: boolean;
}

/** Buys, unless it has been bought: requests for the same thing share one payment as far as its uses go. */
export function createPurchases(settings: ClientSettings, payments: Payments, credentials: Credentials) {
  /** By scope key; not for what can be used once, as that cannot be shared. */
  const underWay = new Map<string, Promise<unknown>>();

  async function buy(scope: Scope, offer: SoundOffer, offers: Offers, quote: Quote): Promise<StoredCredential> {
    const earlier = await payments.finishEarlier(scope);
    if (earlier) return earlier;
    const { approve } = settings;
    if (approve && (await approve(quote)) !== true) throw clientError("PAYMENT_DECLINED");
    return payments.pay(orderOf(scope, offer, offers));
  }

  async function obtain(
    scope: Scope,
    offer: SoundOffer,
    offers: Offers,
    quote: Quote,
    mayShare: boolean,
  ): Promise<Obtained> {
    const find = async () => (await credentials.take(scope.key)) ?? (await credentials.takeByResource(scope));
    if (!mayShare) return { credential: await buyAndTake(buy(scope, offer, offers, quote)), paidNow: true };

    for (;;) {
      const known = await find();
      if (known) return { credential: known, paidNow: false };
      const running = offers.uses === 1 ? undefined : underWay.get(scope.key);
      if (!running) break;
      // Its failure is the failure of all who wait: none of them may pay instead.
      await running;
    }
    const purchase = buy(scope, offer, offers, quote);
    if (offers.uses !== 1) {
      underWay.set(scope.key, purchase);
      const forget = () => void (underWay.get(scope.key) === purchase && underWay.delete(scope.key));
      purchase.then(forget, forget);
    }
    return { credential: await buyAndTake(purchase), paidNow: true };
  }

  async function buyAndTake(purchase: Promise<StoredCredential>): Promise<StoredCredential> {
    const credential = await purchase;
    credentials.startUse(credential);
    return credential;
  }

  return { obtain };
}

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
    ...(typeof uses === "number" && { uses }),
    ...(validForSeconds !== undefined && { validUntil: invoiceExpiresAt + validForSeconds * 1000 }),
  };
}
