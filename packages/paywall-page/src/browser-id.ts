import type { PaywallRequest } from "@l402/core";
import { readCookies, setCookie } from "./cookies.ts";

/**
 * Tells the browser that received an offer from all others, for as long as the offer can be paid.
 *
 * SECURITY: an attacker who can set cookies for a site, as its other subdomains can, could give a visitor the
 * attacker's own offer, and then use what the visitor pays for. So a claim is valid only together with a cookie that
 * only this very host can set. Browsers promise this for `__Host-` (thief.test.ts, "planted"; apps/e2e, "another
 * subdomain").
 */
const PREFIX = "__Host-l402-";
const A_WEEK = 7 * 86_400;
const SHAPE = /^[0-9a-f]{32}$/;

/** Returns all ids of this browser: tabs that were opened at the same moment received one each. */
export const browserIdsOf = (request: PaywallRequest): string[] =>
  readCookies(request, (name, value) => SHAPE.test(value) && name === nameOf(value)).map(({ value }) => value);

/** All claims of a browser need its id, so a page whose own claim is short must not end the id early. */
export const browserIdCookie = (id: string, maxAgeSeconds: number): [string, string][] =>
  setCookie({ name: nameOf(id), value: id, path: "/", maxAgeSeconds: Math.max(maxAgeSeconds, A_WEEK) });

/** Each id has its own cookie name, so that no id replaces another. */
const nameOf = (id: string) => PREFIX + shortBrowserId(id);

/** The part of an id that tells the ids of one browser apart. */
export const shortBrowserId = (id: string): string => id.slice(0, 6);
