import { clientError, formatCredential } from "@l402/core";
import { spendingOf } from "./budget.ts";
import { chooseOffer, type SoundOffer } from "./check-offer.ts";
import { checkClientOptions, type L402ClientOptions } from "./client-options.ts";
import type { Scope, StoredCredential } from "./client-state.ts";
import { createCredentials } from "./credentials.ts";
import type { L402Client, Quote, ResponsePayment } from "./l402-client.ts";
import { checkPayableOrigin, isSecure } from "./origin-rules.ts";
import { createPayments } from "./payments.ts";
import { createPurchases } from "./purchases.ts";
import { type Offers, readOffers, retryAfterMs } from "./read-offers.ts";
import { type ReplayableRequest, replayable } from "./replayable-request.ts";

/** How often a fresh credential is shown again to a seller that asks for a moment. */
const PATIENCE = 3;

/** Makes a `fetch` that pays, inside a budget it cannot exceed. */
export function createL402Client(options: L402ClientOptions): L402Client {
  const settings = checkClientOptions(options);
  const { store, now, insecureOrigins, network, checkInvoice } = settings;
  const credentials = createCredentials(store, now);
  const payments = createPayments(settings);
  const purchases = createPurchases(settings, payments, credentials);
  const paid = new WeakMap<Response, ResponsePayment>();

  /** What is asked for; `undefined` for a 402 that has nothing to do with Lightning. */
  async function readOffer(request: ReplayableRequest, response: Response) {
    if (response.status !== 402 || request.method === "HEAD" || request.hasAuthorization) return undefined;
    const offers = await readOffers(response);
    if (offers.challenges.length === 0) return undefined;
    checkPayableOrigin(request.url, response.url, insecureOrigins);
    const { origin } = request.url;
    const check = checkInvoice && ((invoice: { bolt11: string }) => checkInvoice({ origin, ...invoice }));
    const offer = await chooseOffer(offers, { network, now: new Date(now()), checkInvoice: check });
    return { offers, offer, quote: quoteOf(request, offers, offer) };
  }

  async function show(request: ReplayableRequest, credential: StoredCredential, patience: number): Promise<Response> {
    const response = await request.send(formatCredential(credential.token, credential.preimage));
    const wait = response.status === 402 ? retryAfterMs(response) : undefined;
    if (wait === undefined || patience === 0) return response;
    discard(response);
    await new Promise((resolve) => setTimeout(resolve, wait));
    return show(request, credential, patience - 1);
  }

  /** Sends the request with a credential. `undefined` as answer means that the seller refused it, and it is dropped. */
  async function redeem(request: ReplayableRequest, credential: StoredCredential, paidNow: boolean) {
    let response: Response;
    try {
      response = await show(request, credential, PATIENCE);
    } catch (error) {
      // The use may be gone or not: the next request finds out, and nothing is paid before that.
      credentials.giveBack(credential);
      throw error;
    }
    if (response.status === 401 || response.status === 402) {
      await credentials.drop(credential);
      return { refused: response };
    }
    // A seller gives the use of a failed request back.
    if (response.status >= 500) credentials.giveBack(credential);
    else await credentials.useUp(credential);
    const { paymentHash, scope, amountMsat, feeMsat } = credential;
    paid.set(response, { paymentHash, origin: scope.origin, resource: scope.resource, amountMsat, feeMsat, paidNow });
    return { response };
  }

  async function buyAndSend(request: ReplayableRequest, first: Response): Promise<Response> {
    let answer = first;
    let mayShare = true;
    for (;;) {
      const asked = await readOffer(request, answer);
      if (!asked) return answer;
      request.checkReplayable();
      const { offers, offer, quote } = asked;
      discard(answer);
      settings.tell(() => settings.onChallenge?.(quote));
      const { credential, paidNow } = await purchases.obtain(scopeOf(request, offers), offer, offers, quote, mayShare);
      const { response, refused } = await redeem(request, credential, paidNow);
      if (response) return response;
      discard(refused);
      if (paidNow) {
        throw clientError(
          "PAYMENT_REJECTED",
          `${quote.origin} took the payment ${credential.paymentHash} and answered ${refused.status}.`,
        );
      }
      // Somebody else's payment was not good for this request. Once, so that nobody is asked for ever.
      mayShare = false;
      answer = await request.send();
    }
  }

  async function fetchPaid(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const request = await replayable(settings.fetch, input, init);
    const { url, method, hasAuthorization } = request;
    const known =
      hasAuthorization || method === "HEAD" || !isSecure(url, insecureOrigins)
        ? undefined
        : credentials.take(keyOf(request));
    const credential = known && "then" in known ? await known : known;
    if (credential) {
      request.checkReplayable();
      const { response, refused } = await redeem(request, credential, false);
      if (response) return response;
      if (refused.status === 402) return buyAndSend(request, refused);
      discard(refused);
    }
    const response = await request.send();
    return response.status === 402 ? buyAndSend(request, response) : response;
  }

  return {
    async fetch(input, init) {
      try {
        return await fetchPaid(input, init);
      } catch (error) {
        settings.tell(() => settings.onError?.(error));
        throw error;
      }
    },
    async quote(input, init) {
      const request = await replayable(settings.fetch, input, init);
      const response = await request.send();
      const asked = await readOffer(request, response);
      discard(response);
      return asked?.quote;
    },
    paymentOf: (response) => paid.get(response),
    spending: async () => spendingOf(await store.read(), now()),
    resume: payments.resume,
    forget: credentials.forget,
  };
}

const keyOf = ({ method, url }: ReplayableRequest) => `${method} ${url.origin}${url.pathname}`;

const scopeOf = (request: ReplayableRequest, { resource }: Offers): Scope => ({
  key: keyOf(request),
  origin: request.url.origin,
  ...(resource !== undefined && { resource }),
});

function quoteOf(request: ReplayableRequest, offers: Offers, offer: SoundOffer): Quote {
  const { amountMsat, paymentHash, expiresAt, description } = offer;
  const { url, method } = request;
  const { resource, uses } = offers;
  return { url: url.href, method, origin: url.origin, amountMsat, paymentHash, expiresAt, description, resource, uses };
}

/** What is not read keeps its connection busy. */
const discard = (response: Response): void => void response.body?.cancel().catch(() => {});
