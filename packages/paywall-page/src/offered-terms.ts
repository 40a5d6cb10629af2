import { type AuthenticToken, isL402Error, type OfferedTerms, type PageVisit } from "@l402/core";

/**
 * What a request costs to the holder of a claim; `undefined` for a claim on something else, or on what is over. Without
 * `terms` the price has gone up since: what was paid stays theirs, and the paywall will say what it is good for.
 *
 * Rejects where the seller's own terms fail, which says nothing about the claim.
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
