import { formatCredential } from "@l402/core";
import { abortable } from "../abortable.ts";
import { type Answer402, read402, retryAfterMs } from "../challenge/read-402.ts";
import type { ClientSettings } from "../client-options.ts";
import type { ResponsePayment } from "../l402-client.ts";
import { lost, rejected, undelivered } from "../payment/payment-errors.ts";
import type { Bought } from "../payment/send-payment.ts";
import { withoutSecrets } from "../request/fetch-error.ts";
import { discard, type Exchange, type ReplayableRequest } from "../request/replayable-request.ts";
import { paymentFor, type StoredCredential, scopeKeyOf } from "../state/client-state.ts";
import { pause } from "../within.ts";
import type { Credentials } from "./credentials.ts";
import { judgeRefusal } from "./judge-refusal.ts";
import type { UseEnd } from "./use-ends.ts";

/** How often a credential is sent again to a seller that asks the client to wait. */
const PATIENCE = 3;
/** How often the store is asked whether another process has used up what is refused as used up: for two seconds. */
const OTHERS_PATIENCE = 20;

/** What an answer that is no refusal does to the use that was sent. */
const endBy = (status: number): UseEnd => (status >= 500 ? "unserved" : status >= 400 ? "unclear" : "served");

/** The result of sending a credential: the seller's answer, or its refusal. */
export type Redeemed = { response: Response; refused?: never } | { response?: never; refused: Exchange };

/** Sends requests with credentials, and writes down what became of the credentials. */
export function createRedemption({ report }: ClientSettings, credentials: Credentials) {
  const paymentByResponse = new WeakMap<Response, ResponsePayment>();

  async function show(
    request: ReplayableRequest,
    credential: StoredCredential,
    patience = PATIENCE,
  ): Promise<Exchange> {
    const { token, preimage, scheme = "L402" } = credential;
    const exchange = await request.send(formatCredential(token, preimage).replace("L402", scheme));
    const { response, lastRequest } = exchange;
    const wait = response.status === 402 ? retryAfterMs(response) : undefined;
    if (wait === undefined || patience === 0) return exchange;
    // SECURITY: a seller that redirects has received the request, and the credential stays with its origin
    // (client.moved.test.ts, "a moment").
    if (!lastRequest?.isReplayable || lastRequest.url.origin !== request.url.origin) return exchange;
    discard(response);
    await abortable(pause(wait), request.signal);
    return show(lastRequest, credential, patience - 1);
  }

  /** Sends a request with a credential. Throws if the seller took the payment and did not serve the request. */
  async function redeem(request: ReplayableRequest, bought: Bought, shown = new Set<string>()): Promise<Redeemed> {
    const { credential, paidNow } = bought;
    let exchange: Exchange;
    try {
      exchange = await show(request, credential);
    } catch (error) {
      await credentials.endUse(credential, "sent");
      const failure = withoutSecrets(error, request.signal);
      throw paidNow ? undelivered(credential, failure) : failure;
    }
    const { response, lastRequest } = exchange;
    // A redirect to another method means that the request was served. A payment asked for there is for another thing.
    const isServed = lastRequest && lastRequest.method !== request.method;
    const isRefused = isRefusal(request, response);
    if (isRefused && !isServed) return handleRefusal(request, bought, exchange, shown.add(credential.paymentHash));
    await credentials.endUse(credential, isServed ? "served" : endBy(response.status));
    if (isRefused && isServed) {
      discard(response);
      const where = addressWithout([credential.preimage, credential.token], lastRequest.url);
      throw rejected(credential, `redirected to ${where}, which asks for another payment`, {
        hint: "This request was served. To pay, fetch that address.",
      });
    }
    paymentByResponse.set(response, { ...paymentFor(credential), paidNow });
    return { response };
  }

  async function handleRefusal(
    request: ReplayableRequest,
    { credential, paidNow, isGuess }: Bought,
    exchange: Exchange,
    shown: Set<string>,
  ): Promise<Redeemed> {
    const { response } = exchange;
    const {
      code = "",
      isUnread,
      resource,
    } = await read402(response).catch((): Partial<Answer402> => ({ isUnread: true }));
    const { scope } = credential;
    const isSameScope = scope.key === scopeKeyOf(request);
    const patience = code === "CREDENTIAL_USED_UP" ? OTHERS_PATIENCE : 0;
    const verdict = judgeRefusal({
      code,
      // SECURITY: what sells something else there does not end a pass (client.pass.test.ts, "of another paywall").
      isUnclear: isUnread || (isGuess && resource !== scope.resource),
      isSlow: code === "CREDENTIAL_NOT_SETTLED" && retryAfterMs(response) !== undefined,
      paidNow,
      isSameScope,
      standing: await abortable(credentials.standing(credential, patience), request.signal).catch(() => ({
        isNew: true,
        isOwed: true,
      })),
    });
    await credentials.endUse(credential, verdict === "owed" || verdict === "elsewhere" ? "unserved" : verdict);
    if (!paidNow && request.signal?.aborted) throw request.signal.reason;

    const mayPay = verdict === "over" || verdict === "elsewhere";
    // SECURITY: another credential for the same scope may be good for this request, or may be owed
    // (client.refusal.test.ts, "before more is paid").
    const next =
      paidNow || !request.isReplayable || (mayPay && !isSameScope)
        ? undefined
        : await credentials.takeNext(scope, { shown, resource, isOwed: verdict === "owed" });
    if (mayPay && !next) return { refused: exchange };
    discard(response);
    const error =
      verdict === "lost" ? lost(credential) : rejected(credential, `refused the credential with ${response.status}`);
    if (!next) throw error;
    if (verdict === "lost") report(error);
    return redeem(request, { credential: next, paidNow: false }, shown);
  }

  return { redeem, paymentOf: (response: Response) => paymentByResponse.get(response) };
}

/** SECURITY: a seller can put the credential into the address (client.moved.test.ts, "shows no preimage"). */
function addressWithout(secrets: readonly string[], { href, origin }: URL): string {
  const text = href.toLowerCase();
  const isIn = (secret: string) => text.includes(secret.toLowerCase());
  return secrets.some((secret) => isIn(secret) || isIn(encodeURIComponent(secret)))
    ? `another page of ${origin}`
    : href;
}

/** True if the seller itself refused the credential, and not another origin or the application behind the paywall. */
function isRefusal({ url }: ReplayableRequest, response: Response): boolean {
  if (response.url !== "" && new URL(response.url).origin !== url.origin) return false;
  const asksFor = response.headers.get("www-authenticate");
  return response.status === 402 || (response.status === 401 && (!asksFor || /\b(L402|LSAT)\b/i.test(asksFor)));
}
