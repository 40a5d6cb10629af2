import type { AuthenticToken, PaywallRequest } from "@l402/core";
import { CREDENTIAL, readCookies } from "./cookies.ts";
import type { PageParts } from "./page-parts.ts";

/** Each pass may cost a request to the store. */
const MAX_PASSES = 16;

/**
 * Returns the tokens that a request's cookies prove to be paid. The token for the longest path comes first. Invalid
 * cookies are ignored.
 */
export async function paidPasses({ engine, proofs }: PageParts, request: PaywallRequest): Promise<AuthenticToken[]> {
  const passes: AuthenticToken[] = [];
  for (const value of readCookies(request, (name) => name === CREDENTIAL)) {
    const [, text, proof] = /^([\w+/=-]+):(r?[0-9a-f]{64})$/.exec(value) ?? [];
    if (!text || !proof) continue;
    const token = await engine
      .authenticate({ tokens: [text], preimage: proof }, (given, claims) => proofs.holds(given, text, claims))
      .catch(() => undefined);
    if (token) passes.push(token);
    if (passes.length === MAX_PASSES) break;
  }
  return passes;
}
