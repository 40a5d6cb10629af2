import { randomId } from "#quick";
import { L402Error } from "../errors.ts";
import type { TokenClaims } from "../interfaces/token-format.ts";
import { createRecentSet } from "../recent-set.ts";
import { createInvoice } from "./create-invoice.ts";
import { asL402Error, LIMITER_FAILURE } from "./failure.ts";
import type { PaywallSettings } from "./options.ts";
import type { Denied, PaywallRequest } from "./paywall.ts";
import { deny } from "./reply.ts";
import { requestResource } from "./request-resource.ts";
import type { CheckedTerms } from "./terms.ts";
import { askWithinSeconds } from "./time-limit.ts";

const LIMITER_TIMEOUT_SECONDS = 3;
/** How many offered invoices are remembered. */
const OFFERED = 1_500;

/** Answers an unpaid request with an invoice and the token that the invoice buys. */
export function createChallenger(settings: PaywallSettings) {
  const offered = createRecentSet(OFFERED);

  return async (request: PaywallRequest, terms: CheckedTerms, reason: L402Error): Promise<Denied> => {
    // A HEAD request asks for the headers of a GET. It has no body to pay for, so it creates no invoice.
    // SECURITY: a client that has disconnected creates no invoice either, because its address is no longer known
    // (create-paywall.provider.test.ts, "hung up").
    if (request.method === "HEAD" || request.hasLeft?.()) return deny(request, reason);
    try {
      await allow(settings.clientKey(request));
      return await offer(request, terms, reason);
    } catch (error) {
      return deny(request, asL402Error(error, { what: "Making the offer", code: "INTERNAL" }));
    }
  };

  async function allow(clientKey: string | undefined): Promise<void> {
    const { limiter } = settings;
    if (!limiter) return;
    const { allowed, ...wait } = await askWithinSeconds(
      LIMITER_TIMEOUT_SECONDS,
      () => limiter.take(clientKey),
      LIMITER_FAILURE,
    );
    if (!allowed) throw new L402Error("TOO_MANY_CHALLENGES", undefined, wait);
  }

  async function offer(request: PaywallRequest, terms: CheckedTerms, reason: L402Error): Promise<Denied> {
    const resource = terms.resource ?? requestResource(request.method, request.path);
    const { amountMsat, uses, validForSeconds } = terms;
    const invoice = await createInvoice(settings, amountMsat, terms.description ?? resource);
    const { paymentHash, providerRef } = invoice;
    // SECURITY: one payment would open several tokens (create-paywall.provider.test.ts, "the same invoice again").
    if (offered.has(paymentHash))
      throw new L402Error("PROVIDER_BAD_RESPONSE", "The provider returned an invoice that was offered before.");
    offered.add(paymentHash);
    const claims: TokenClaims = {
      paymentHash,
      resource,
      amountMsat,
      uses,
      // Counted from the last moment the invoice can be paid, so that no buyer pays for a token that is about to
      // expire.
      expiresAt: new Date((Math.ceil(invoice.expiresAt.getTime() / 1000) + validForSeconds) * 1000),
      tokenId: randomId(),
    };
    if (providerRef !== undefined) claims.providerRef = providerRef;
    if (terms.computed) claims.computed = true;
    const token = await settings.format.mint(claims, settings.keys);

    settings.emit?.({ type: "challenged", resource, amountMsat, paymentHash });
    return deny(request, reason, { invoice, token, terms, resource });
  }
}
