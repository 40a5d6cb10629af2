import type { Terms } from "@l402/core";

/** What a shop sells at a path. */
export interface Route {
  method: string;
  terms: (Terms & { price: number }) | ((request: Request) => Promise<Terms>);
}

const VALID = { validForSeconds: 1_000_000 };
/** A price that goes up and down by itself, every minute. */
const tickerTerms = async () => ({ price: 20 + (Math.floor(Date.now() / 60_000) % 10), acceptFrom: 20, ...VALID });
export const ROUTES: Record<string, Route> = {
  "/one": { method: "GET", terms: { price: 10, ...VALID } },
  "/three": { method: "GET", terms: { price: 20, uses: 3, ...VALID } },
  "/many": { method: "GET", terms: { price: 25, uses: 20, ...VALID } },
  "/brief": { method: "GET", terms: { price: 8, uses: 2, validForSeconds: 60 } },
  "/news/a": { method: "GET", terms: { price: 15, uses: 4, resource: "news", ...VALID } },
  "/news/b": { method: "GET", terms: { price: 15, uses: 4, resource: "news", ...VALID } },
  "/pass": { method: "GET", terms: { price: 30, uses: "unlimited", resource: "pass", ...VALID } },
  "/pass/in": { method: "GET", terms: { price: 30, uses: "unlimited", resource: "pass", ...VALID } },
  "/order": { method: "POST", terms: { price: 12, ...VALID } },
  "/form": { method: "POST", terms: { price: 3, ...VALID } },
  "/words": { method: "POST", terms: async (request) => ({ price: (await request.text()).length, ...VALID }) },
  "/ticker": { method: "GET", terms: tickerTerms },
};

/** What costs nothing, and where it leads. */
export const MOVED: Record<string, { method: string; status: number; location: string }> = {
  "/moved": { method: "GET", status: 302, location: "/one" },
  "/moved-twice": { method: "GET", status: 308, location: "/moved" },
  "/moved-order": { method: "POST", status: 307, location: "/order" },
  "/away": { method: "GET", status: 302, location: "https://s1.example/one" },
};

/** A fixed price is at most this much higher on some of the servers. At no time do two routes cost the same. */
export const RAISES = [0, 1, 5];

/** What a payment for a path opens. */
export const resourceOf = (path: string): string => {
  const terms = ROUTES[path]?.terms;
  return (typeof terms === "object" && terms.resource) || path;
};
