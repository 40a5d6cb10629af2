import type { CheckedTerms } from "./terms.ts";

/** How many paths are remembered. */
const REMEMBERED = 10_000;

export type PriceBook = ReturnType<typeof createPriceBook>;

/**
 * Remembers at which prices a resource is sold.
 *
 * A fixed price that was raised does not devalue tokens sold before. But where one resource is sold at several prices, by
 * routes that share its name, or that a router tells apart by something else than the path, a cheap token would open the
 * dear route: there, what was paid has to cover the price.
 *
 * SECURITY: create-paywall.scope.test.ts, "a shared resource at two prices".
 */
export function createPriceBook() {
  /** Named by mounted routes, so it cannot grow with the traffic. */
  const declared = new Map<string, number | "several">();
  const offered = new Map<string, number | "several">();

  const add = (prices: typeof declared, resource: string, amountMsat: number) => {
    const known = prices.get(resource);
    prices.set(resource, known === undefined || known === amountMsat ? amountMsat : "several");
  };
  const isOther = (known: number | "several" | undefined, amountMsat: number) =>
    known !== undefined && known !== amountMsat;

  return {
    /** Takes note of a fixed price. */
    declare(terms: CheckedTerms): CheckedTerms {
      if (terms.resource !== undefined) add(declared, terms.resource, terms.amountMsat);
      return terms;
    },
    /** Takes note of a price that a request is asked for. */
    offer(resource: string, amountMsat: number): void {
      add(declared.has(resource) ? declared : offered, resource, amountMsat);
      if (offered.size > REMEMBERED) offered.delete(offered.keys().next().value as string);
    },
    differ: (resource: string, amountMsat: number): boolean =>
      isOther(declared.get(resource), amountMsat) || isOther(offered.get(resource), amountMsat),
  };
}
