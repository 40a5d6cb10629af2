import type { CheckedTerms } from "./terms.ts";

/**
 * Remembers which fixed price each shared resource has.
 *
 * SECURITY: create-paywall.scope.test.ts, "a shared resource at two prices".
 * A fixed price that was raised does not devalue tokens sold before. But where routes share a resource at different
 * prices, a cheap token would open the dear route: there, what was paid has to cover the price.
 */
export function createPriceBook() {
  /** Only resources that a mounted route names, so it cannot grow with the traffic. */
  const prices = new Map<string, number | "several">();

  const add = (resource: string, amountMsat: number) => {
    const known = prices.get(resource);
    prices.set(resource, known === undefined || known === amountMsat ? amountMsat : "several");
  };

  return {
    /** Takes note of a fixed price. */
    declare(terms: CheckedTerms): CheckedTerms {
      if (terms.resource !== undefined) add(terms.resource, terms.amountMsat);
      return terms;
    },
    /** Takes note of a computed price, if a fixed one has the same resource. */
    notice(terms: CheckedTerms): CheckedTerms {
      if (terms.resource !== undefined && prices.has(terms.resource)) add(terms.resource, terms.amountMsat);
      return terms;
    },
    differ(resource: string, amountMsat: number): boolean {
      const known = prices.get(resource);
      return known !== undefined && known !== amountMsat;
    },
  };
}
