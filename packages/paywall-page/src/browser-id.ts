import type { PaywallRequest } from "@l402/core";
import { readCookies, setCookie } from "./cookies.ts";

/**
 * Tells the browser that got an offer from all others, for as long as that can be paid.
 *
 * SECURITY: somebody who can set cookies for a site, as its other subdomains can, could give a visitor the offer of his own,
 * and collect what the visitor pays. So a claim is only good together with a cookie that nobody but this very host can
 * set, which is what browsers promise of `__Host-` (unlock.test.ts, "planted"; apps/e2e, "another subdomain").
 */
const PREFIX = "__Host-l402-";
const SHAPE = /^[0-9a-f]{32}$/;

/** Tabs that were opened at the same moment got one each; all of them are this browser's. */
export const browserIdsOf = (request: PaywallRequest): string[] =>
  readCookies(request, (name, value) => SHAPE.test(value) && name === nameOf(value));

export const browserIdCookie = (id: string, maxAgeSeconds: number): [string, string][] =>
  setCookie({ name: nameOf(id), value: id, path: "/", maxAgeSeconds });

/** Different names, so that none replaces another. */
const nameOf = (id: string) => PREFIX + shortBrowserId(id);

/** Tells the ids of one browser apart. */
export const shortBrowserId = (id: string): string => id.slice(0, 6);
