import type { AuthenticToken, L402Error, PaywallRequest } from "@l402/core";
import { isPassName, passName } from "./cookie-names.ts";
import { readCookies } from "./cookies.ts";
import type { PageParts } from "./page-parts.ts";

/** A cookie that holds a paid token. */
interface PaidPass {
  name: string;
  value: string;
  token: AuthenticToken;
}

/**
 * Answers an error of `authenticate`: `undefined` if the token is not ours or not paid.
 *
 * SECURITY: all other errors are thrown. While a token format cannot tell, for example because its list of revoked
 * tokens is down, nobody who paid may be asked to pay again (offer.test.ts, "cannot tell").
 */
export function ifNotOurs(error: L402Error): undefined {
  if (error.status !== 401) throw error;
}

/**
 * Returns the cookies of a request that are proven to be paid. The one for the longest path comes first. Invalid
 * cookies are ignored.
 *
 * SECURITY: a payment counts once, and only under its own name. Another subdomain can set one cheap pass under many
 * names, which must neither hide nor replace what a visitor paid (thief.test.ts, "under other names", "copies of one
 * pass").
 */
export async function paidPasses({ engine, proofs }: PageParts, request: PaywallRequest): Promise<PaidPass[]> {
  const passes = new Map<string, PaidPass>();
  for (const { name, value } of readCookies(request, isPassName)) {
    const [, text, proof] = /^([\w+/=-]+):(r?[0-9a-f]{64})$/.exec(value) ?? [];
    if (!text || !proof) continue;
    const token = await engine
      .authenticate({ tokens: [text], preimage: proof }, (given, claims) => proofs.holds(given, text, claims))
      .catch(ifNotOurs);
    const claims = token?.claims;
    if (!claims || passes.has(claims.paymentHash) || name !== passName(claims.paymentHash)) continue;
    passes.set(claims.paymentHash, { name, value, token });
  }
  return [...passes.values()];
}
