import { L402Error } from "../errors.ts";
import type { TokenClaims } from "../interfaces/token-format.ts";
import type { CheckedTerms } from "./terms.ts";

type Sale = Pick<TokenClaims, "amountMsat" | "uses">;

/**
 * Remembers the fixed prices of the mounted routes, and decides whether a token paid enough.
 *
 * When a fixed price is raised, tokens that were sold before stay valid. But a resource can be sold at several prices:
 * by routes that share its name, or by routes that a router tells apart by something other than the path. Then a cheap
 * token would open the expensive route. So among the routes with one name, only the cheapest accepts a token that paid
 * less than its price, also after prices change. The paths of routes without a name are not known. For a token of such
 * a route, paying less is accepted only if no mounted route without a name sells that token now.
 *
 * SECURITY: the price book is filled when routes are mounted, and never by requests. So requests cannot push an entry
 * out, and a restart changes nothing (create-paywall.price.test.ts, "a flood of other paths").
 */
export function createPriceBook() {
  /** The lowest price of each resource name. */
  const lowest = new Map<string, number>();
  /** The amounts and uses that routes without a name sell, in words. */
  const unnamed = new Set<string>();
  const inWords = ({ amountMsat, uses }: Sale) => `${amountMsat} msat (uses: ${uses})`;

  /**
   * True if the token may come from a time when this route was cheaper. A resource made of a method and path contains a
   * space. A name may contain one too, and then either kind of route may have sold the token.
   */
  const isOldPrice = (claims: TokenClaims, { amountMsat }: CheckedTerms) =>
    (lowest.get(claims.resource) ?? amountMsat) >= amountMsat &&
    !(claims.resource.includes(" ") && unnamed.has(inWords(claims)));

  return {
    /** Records a fixed price. */
    declare(terms: CheckedTerms): CheckedTerms {
      const { resource, amountMsat } = terms;
      if (resource === undefined) unnamed.add(inWords(terms));
      else lowest.set(resource, Math.min(amountMsat, lowest.get(resource) ?? amountMsat));
      return terms;
    },
    /** Throws CREDENTIAL_UNDERPAID unless the token paid enough for these terms. */
    checkPaid(claims: TokenClaims, terms: CheckedTerms): void {
      if (covers(claims, terms)) return;
      if (!terms.computed && !claims.computed && isOldPrice(claims, terms)) return;
      throw new L402Error("CREDENTIAL_UNDERPAID", `The token paid ${inWords(claims)}; the price is ${inWords(terms)}.`);
    },
  };
}

/**
 * SECURITY: a computed price is compared per use. Otherwise a hundred uses for small requests, bought as one bundle,
 * would be good for a hundred large requests (create-paywall.price.test.ts, "a bundle").
 */
function covers({ amountMsat, uses, computed }: TokenClaims, terms: CheckedTerms): boolean {
  const isOneSale = !computed && !terms.computed;
  if (isOneSale || uses === terms.uses || terms.uses === "unlimited") return amountMsat >= terms.acceptFromMsat;
  return uses !== "unlimited" && BigInt(amountMsat) * BigInt(terms.uses) >= BigInt(terms.acceptFromMsat) * BigInt(uses);
}
