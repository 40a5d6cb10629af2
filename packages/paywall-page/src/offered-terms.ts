import { type AuthenticToken, isL402Error, type OfferedTerms, type PageVisit } from "@l402/core";

/**
 * Returns the terms of a request for the holder of a claim; `undefined` if the claim is for another resource or has
 * expired. `terms` is `undefined` if the price has gone up since: the buyer keeps the payment, and the paywall will say
 * what it is still valid for.
 *
 * Rejects if the seller's own terms fail. This says nothing about the claim.
 */
export async function offeredTo(
  token: AuthenticToken,
  visit: PageVisit,
): Promise<{ terms: OfferedTerms | undefined } | undefined> {
  try {
    return { terms: await visit.check(token) };
  } catch (error) {
    if (!isL402Error(error) || !error.code.startsWith("CREDENTIAL_")) throw error;
    return error.code === "CREDENTIAL_UNDERPAID" ? { terms: undefined } : undefined;
  }
}
