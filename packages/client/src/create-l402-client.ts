import { clientError } from "@l402/core";
import { abortable } from "./abortable.ts";
import { chooseOffer, type Offer } from "./challenge/check-offer.ts";
import { checkPayableOrigin, isSecure } from "./challenge/origin-rules.ts";
import { type Answer402, read402 } from "./challenge/read-402.ts";
import { checkClientOptions, type L402ClientOptions } from "./client-options.ts";
import { createCredentials } from "./credential/credentials.ts";
import { createRedemption } from "./credential/redeem-credential.ts";
import type { L402Client, Quote } from "./l402-client.ts";
import { spendingOf } from "./payment/budget.ts";
import { createBuyer } from "./payment/buy-credential.ts";
import { createPayments } from "./payment/payments.ts";
import { shareBuying } from "./payment/share-purchases.ts";
import { plainText } from "./plain-text.ts";
import {
  checkReplayable,
  discard,
  type Exchange,
  type ReplayableRequest,
  replayable,
} from "./request/replayable-request.ts";
import { type Scope, scopeKeyOf } from "./state/client-state.ts";
import { listPurchases } from "./state/list-purchases.ts";

/** The number of answers to one request that may ask for a payment, before the client gives up. */
const MAX_ROUNDS = 5;

/** Makes a `fetch` that pays, inside a budget it cannot exceed. */
export function createL402Client(options: L402ClientOptions): L402Client {
  const settings = checkClientOptions(options);
  const { store, now, insecureOrigins, network, checkInvoice } = settings;
  const credentials = createCredentials(settings);
  const payments = createPayments(settings);
  const buyOrShare = shareBuying(createBuyer(settings, payments, credentials), credentials);
  const { redeem, paymentOf } = createRedemption(settings, credentials);

  /** The payment that an answer asks for. `undefined` if it is no 402 with a Lightning challenge. */
  async function readDemand(sent: ReplayableRequest, { response, lastRequest: request }: Exchange) {
    if (response.status !== 402 || !request || request.method === "HEAD" || sent.hasAuthorization) return undefined;
    try {
      const said = await read402(response);
      if (said.challenges.length === 0) return undefined;
      checkPayableOrigin(sent.url, response.url, insecureOrigins);
      const rules = { network, checkInvoice, now: now(), origin: request.url.origin };
      const offer = await abortable(chooseOffer(said.challenges, rules), request.signal);
      return { said, offer, quote: quoteOf(request, said, offer) };
    } catch (error) {
      discard(response);
      throw error;
    }
  }

  /** SECURITY: pays at most once, whatever the seller answers (client.hostile.test.ts, "always answers 402"). */
  async function buyAndSend(sent: ReplayableRequest, first: Exchange, refused?: string): Promise<Response> {
    let exchange = first;
    let quote: Quote | undefined;
    let mayShare = true;
    // A refusal of a credential may come without a challenge. Then the request is sent once more, without a credential.
    let mayAskAgain = refused !== undefined;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const { response, lastRequest: request } = exchange;
      const demand = await readDemand(sent, exchange);
      if (!request || (!demand && !mayAskAgain)) return response;
      quote = demand?.quote ?? quote;
      mayAskAgain = false;
      discard(response);
      checkReplayable(request);
      if (demand && !payments.hasPaid(demand.offer.paymentHash)) {
        settings.tell(() => settings.onChallenge?.(demand.quote));
        const scope = scopeOf(sent, request, demand.said);
        const want = { ...demand, refused, scope, mayShare, signal: request.signal };
        const redeemed = await buyOrShare(want, (bought) => redeem(request, bought));
        if (redeemed?.response) return redeemed.response;
        if (redeemed) {
          discard(redeemed.refused.response);
          mayShare = false;
        }
      }
      exchange = await request.send();
    }
    discard(exchange.response);
    throw clientError(
      "CHALLENGE_MALFORMED",
      `${quote?.origin} asks again for payment ${quote?.paymentHash}, which was already made.`,
    );
  }

  async function fetchPaid(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const request = await replayable(settings.fetch, input, init);
    const { url, method, hasAuthorization } = request;
    const mayShow = !hasAuthorization && method !== "HEAD" && isSecure(url, insecureOrigins);
    const key = scopeKeyOf(request);
    const credential = mayShow ? await credentials.takeForPath(key) : undefined;
    if (credential) {
      const bought = { credential, paidNow: false, isGuess: credential.scope.key !== key };
      const { response, refused } = await redeem(request, bought);
      return response ?? buyAndSend(request, refused, credential.paymentHash);
    }
    const exchange = await request.send();
    return exchange.response.status === 402 ? buyAndSend(request, exchange) : exchange.response;
  }

  return {
    async fetch(input, init) {
      try {
        return await fetchPaid(input, init);
      } catch (error) {
        settings.report(error);
        throw error;
      }
    },
    async quote(input, init) {
      const request = await replayable(settings.fetch, input, init);
      const exchange = await request.send();
      const demand = await readDemand(request, exchange);
      discard(exchange.response);
      return demand?.quote;
    },
    paymentOf,
    spending: async () => spendingOf(await store.read(), now()),
    purchases: async () => listPurchases(await store.read(), now()),
    resume: payments.resume,
    forget: payments.forget,
  };
}

const scopeOf = (sent: ReplayableRequest, request: ReplayableRequest, { resource }: Answer402): Scope => ({
  key: scopeKeyOf(request),
  origin: request.url.origin,
  resource,
  via: sent === request ? undefined : scopeKeyOf(sent) + sent.url.search,
});

function quoteOf({ url, method }: ReplayableRequest, { resource, uses }: Answer402, offer: Offer): Quote {
  const { token, bolt11, ...quoted } = offer;
  const description = offer.description && plainText(offer.description, 1024);
  return { ...quoted, description, url: url.href, method, origin: url.origin, resource, uses };
}
