import { randomBytes, toBase64Url } from "../bytes.ts";
import { L402Error } from "../errors.ts";
import type { TokenClaims } from "../interfaces/token-format.ts";
import { createInvoice } from "./create-invoice.ts";
import type { PaywallSettings } from "./options.ts";
import type { Denied, PaywallRequest } from "./paywall.ts";
import type { PriceBook } from "./price-book.ts";
import { deny } from "./reply.ts";
import { requestResource } from "./request-resource.ts";
import type { CheckedTerms } from "./terms.ts";
import { asL402Error, withinSeconds } from "./time-limit.ts";

const LIMITER_TIMEOUT_SECONDS = 3;

/** Answers a request that has not paid with an invoice and the token it buys. */
export function createChallenger(settings: PaywallSettings, prices: PriceBook) {
  return async (request: PaywallRequest, terms: CheckedTerms, refusal: L402Error): Promise<Denied> => {
    // A HEAD request asks what a GET would say; it has no body to pay for and creates no invoice.
    if (request.method === "HEAD") return deny(request, refusal);
    try {
      await allow(settings.clientKey(request));
      return await offer(request, terms, refusal);
    } catch (error) {
      return deny(request, asL402Error(error, "INTERNAL", "Making an offer"));
    }
  };

  async function allow(clientKey: string | undefined): Promise<void> {
    const { limiter } = settings;
    if (!limiter) return;
    const allowance = await withinSeconds(LIMITER_TIMEOUT_SECONDS, () => limiter.take(clientKey), {
      what: "The challenge limiter",
      code: "STORE_UNAVAILABLE",
    });
    if (!allowance.allowed) {
      throw new L402Error("TOO_MANY_CHALLENGES", undefined, { retryAfterSeconds: allowance.retryAfterSeconds });
    }
  }

  async function offer(request: PaywallRequest, terms: CheckedTerms, refusal: L402Error): Promise<Denied> {
    const resource = terms.resource ?? requestResource(request.method, request.path);
    const { amountMsat, uses, validForSeconds } = terms;
    const invoice = await createInvoice(settings, amountMsat, terms.description ?? resource);
    const { paymentHash, providerRef } = invoice;
    // From the last moment it can be paid, so that nobody pays for a token that is about to expire.
    const expiresAt = new Date((Math.ceil(invoice.expiresAt.getTime() / 1000) + validForSeconds) * 1000);
    const tokenId = toBase64Url(randomBytes(16));
    const claims: TokenClaims = { paymentHash, resource, amountMsat, uses, expiresAt, tokenId };
    if (providerRef !== undefined) claims.providerRef = providerRef;
    const token = await settings.format.mint(claims, settings.keys);

    prices.offer(resource, amountMsat);
    settings.emit({ type: "challenged", resource, amountMsat, paymentHash });
    return deny(request, refusal, { invoice, token, terms, resource });
  }
}
