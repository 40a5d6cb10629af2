import { formatCredential } from "@l402/core";
import { abortable } from "./abortable.ts";
import type { ClientSettings } from "./client-options.ts";
import { type StoredCredential, scopeKeyOf } from "./client-state.ts";
import type { Credentials, Standing } from "./credentials.ts";
import { fetchFailure } from "./fetch-failure.ts";
import type { ResponsePayment } from "./l402-client.ts";
import { gone, rejected, undelivered } from "./payment-errors.ts";
import type { Bought } from "./payments.ts";
import { readOffers, retryAfterMs } from "./read-offers.ts";
import { discard, type ReplayableRequest } from "./replayable-request.ts";
import { pause } from "./within.ts";

/** How often a credential is sent again to a seller that asks the client to wait. */
const PATIENCE = 3;
/** Codes that refuse only this request: the credential is still good for others. */
const STILL_GOOD = ["CREDENTIAL_UNDERPAID", "CREDENTIAL_WRONG_RESOURCE"];

/** The result of sending a credential: the seller's answer, or its refusal. */
export type Redeemed = { response: Response; refused?: never } | { response?: never; refused: Response };

/** Sends requests with credentials, and writes down what became of the credentials. */
export function createRedemption({ report }: ClientSettings, credentials: Credentials) {
  const paymentByResponse = new WeakMap<Response, ResponsePayment>();

  async function show(
    request: ReplayableRequest,
    credential: StoredCredential,
    patience = PATIENCE,
  ): Promise<Response> {
    const response = await request.send(formatCredential(credential.token, credential.preimage));
    const wait = response.status === 402 ? retryAfterMs(response) : undefined;
    if (wait === undefined || patience === 0) return response;
    const asked = await request.answeredBy(response);
    // SECURITY: a seller that redirects has received the request, and the credential stays with its origin
    // (client.moved.test.ts, "a moment").
    if (!asked?.isReplayable || asked.url.origin !== request.url.origin) return response;
    discard(response);
    await abortable(pause(wait), request.signal);
    return show(asked, credential, patience - 1);
  }

  /** Sends a request with a credential. Throws if the seller took the payment and did not serve the request. */
  async function redeem(request: ReplayableRequest, { credential, paidNow }: Bought): Promise<Redeemed> {
    let response: Response;
    try {
      response = await show(request, credential);
    } catch (error) {
      await credentials.giveBack(credential, "sent").catch(report);
      const failure = fetchFailure(error, request.signal);
      throw paidNow ? undelivered(credential, failure) : failure;
    }
    const asked = await request.answeredBy(response);
    // A redirect to another method means that the request was served. A payment asked for there is for another thing.
    const isServed = asked !== undefined && asked.method !== request.method;
    const status = isServed ? 303 : response.status;
    const isRefused = isRefusal(request, response);
    if (isServed || !isRefused) {
      if (status >= 500) await credentials.giveBack(credential).catch(report);
      // A 4xx may come from the handler, which counted a use, or from what stands before the count: the next request shows.
      else await credentials.useUp(credential, status >= 400 ? 0 : 1).catch(report);
    }
    if (!isRefused) {
      const { paymentHash, scope, amountMsat, feeMsat } = credential;
      paymentByResponse.set(response, {
        paymentHash,
        origin: scope.origin,
        resource: scope.resource,
        amountMsat,
        feeMsat,
        paidNow,
      });
      return { response };
    }
    if (isServed) {
      discard(response);
      const where = asked.url.href.replace(credential.preimage, "…");
      throw rejected(credential, `sent the request on to ${where}, to be paid as well`, {
        hint: "It is done: fetch that address.",
      });
    }

    const { code = "" } = await readOffers(response).catch((): { code?: string } => ({}));
    const unknown: Standing = { isNew: true, isOwed: true };
    const { isNew, isOwed, isLost } = await credentials.standing(credential).catch(() => unknown);
    const isForOthers =
      (!isOwed && STILL_GOOD.includes(code)) || (isNew && credential.scope.key !== scopeKeyOf(request));
    const isSlow = code === "CREDENTIAL_NOT_SETTLED" && retryAfterMs(response) !== undefined;
    // SECURITY: a seller that took money and never served anything gets no more, whatever it says of the credential
    // (client.hostile.test.ts, "always answers 402", "good for others").
    if (paidNow || isSlow || (isNew && !isForOthers)) {
      discard(response);
      // SECURITY: the client believes "used up" once, until the seller has served something
      // (client.lost.test.ts, "is believed once").
      const isGone = !paidNow && isLost && code === "CREDENTIAL_USED_UP";
      if (isGone) await credentials.writeOff(credential).catch(report);
      else await credentials.giveBack(credential, paidNow && !isSlow ? "refused" : undefined).catch(report);
      const error = isGone ? gone(credential) : rejected(credential, `answered ${status}`);
      const next = !paidNow && (await credentials.takeNextUnaccepted(credential));
      if (!next) throw error;
      if (isGone) report(error);
      return redeem(request, { credential: next, paidNow: false });
    }
    if (isForOthers) await credentials.giveBack(credential).catch(report);
    else await credentials.drop(credential).catch(report);
    return { refused: response };
  }

  return { redeem, paymentOf: (response: Response) => paymentByResponse.get(response) };
}

/** True if the seller itself refused the credential, and not another origin or the application behind the paywall. */
function isRefusal({ url }: ReplayableRequest, response: Response): boolean {
  if (response.url !== "" && new URL(response.url).origin !== url.origin) return false;
  const asksFor = response.headers.get("www-authenticate");
  return response.status === 402 || (response.status === 401 && (!asksFor || /\b(L402|LSAT)\b/i.test(asksFor)));
}
