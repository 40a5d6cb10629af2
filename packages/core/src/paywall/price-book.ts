import { L402Error } from "../errors.ts";
import type { TokenClaims } from "../interfaces/token-format.ts";
import type { CheckedTerms } from "./terms.ts";

type Sale = Pick<TokenClaims, "amountMsat" | "uses">;

/**
 * Knows at which fixed prices the mounted routes sell, and decides whether a token paid enough.
 *
 * A fixed price that was raised does not devalue tokens sold before. But where one resource is sold at several prices, by
 * routes that share its name, or that a router tells apart by something else than the path, a cheap token would open the
 * dear route. So of the routes of one name, only the cheapest honours a token that paid less, also when prices move. Of
 * routes without a name nobody knows the paths: there, such a token is only honoured if no mounted route sells it now.
 *
 * SECURITY: filled when routes are mounted, never by requests, so nothing can be pushed out of it and a restart changes
 * nothing (create-paywall.price.test.ts, "a flood of other paths").
 */
export function createPriceBook() {
  /** Of each name, the lowest price. */
  const lowest = new Map<string, number>();
  /** What routes without a name sell. */
  const unnamed = new Set<string>();
  const entry = ({ amountMsat, uses }: Sale) => `${amountMsat} ${uses}`;

  /** A method and path has a space in it; so may a name, and then either kind of route may have sold the token. */
  const isOldPrice = (claims: TokenClaims, { amountMsat }: CheckedTerms) =>
    !((lowest.get(claims.resource) ?? amountMsat) < amountMsat) &&
    !(claims.resource.includes(" ") && unnamed.has(entry(claims)));

  return {
    /** Takes note of a fixed price. */
    declare(terms: CheckedTerms): CheckedTerms {
      const { resource, amountMsat } = terms;
      if (resource === undefined) unnamed.add(entry(terms));
      else lowest.set(resource, Math.min(amountMsat, lowest.get(resource) ?? amountMsat));
      return terms;
    },
    /** Throws CREDENTIAL_UNDERPAID unless what a token paid is enough for these terms. */
    checkPaid(claims: TokenClaims, terms: CheckedTerms): void {
      if (covers(claims, terms)) return;
      if (!terms.computed && !claims.computed && isOldPrice(claims, terms)) return;
      throw new L402Error(
        "CREDENTIAL_UNDERPAID",
        `The token paid ${claims.amountMsat} msat for ${claims.uses} uses; the price is ${terms.amountMsat} msat.`,
      );
    },
  };
}

/**
 * SECURITY: where a price is worked out for a request, it is compared use by use: otherwise a hundred uses for small
 * requests, bought as one bundle, would be good for a hundred large ones (create-paywall.price.test.ts, "a bundle").
 */
function covers({ amountMsat, uses, computed }: TokenClaims, terms: CheckedTerms): boolean {
  const isOneSale = !computed && !terms.computed;
  if (isOneSale || uses === terms.uses || terms.uses === "unlimited") return amountMsat >= terms.acceptFromMsat;
  return uses !== "unlimited" && BigInt(amountMsat) * BigInt(terms.uses) >= BigInt(terms.acceptFromMsat) * BigInt(uses);
}
