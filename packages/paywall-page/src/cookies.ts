import type { PaywallRequest } from "@l402/core";
import { headerOf } from "./request-header.ts";

/** The token and the proof of its payment. */
export const CREDENTIAL = "l402";
/** The claim on an invoice that was not paid yet. */
export const PENDING = "l402_pending";
/** Browsers drop cookies of more bytes, some of them counting the attributes too. */
const MAX_COOKIE = 4096;
/** Browsers drop longer ones, or the cookie with them. */
const MAX_PATH = 1024;

/**
 * All values of the cookies whose name fits: the one for the longest path comes first.
 *
 * SECURITY: however many there are. Another subdomain can set any number, and nothing that was paid may be hidden behind
 * them (unlock.test.ts, "behind cookies of his own"). So whoever reads them spends little on each.
 */
export function readCookies(request: PaywallRequest, fits: (name: string, value: string) => boolean): string[] {
  const values: string[] = [];
  for (const pair of (headerOf(request, "cookie") ?? "").split(";")) {
    const end = pair.indexOf("=");
    const value = pair.slice(end + 1).trim();
    if (end > 0 && fits(pair.slice(0, end).trim(), value)) values.push(value);
  }
  return values;
}

export interface Cookie {
  name: string;
  value: string;
  path: string;
  maxAgeSeconds: number;
}

/** A `Set-Cookie` header, or none for a cookie that no browser would keep. */
export function setCookie({ name, value, path, maxAgeSeconds }: Cookie): [string, string][] {
  const age = Math.max(0, Math.floor(maxAgeSeconds));
  // SECURITY: not for scripts, not for plain HTTP, not for other sites' requests (cookies.test.ts, "every cookie"). Browsers
  // count loopback as secure, so that this holds in development too.
  const cookie = `${name}=${value}; Path=${path}; Max-Age=${age}; HttpOnly; Secure; SameSite=Lax`;
  return cookie.length <= MAX_COOKIE ? [["Set-Cookie", cookie]] : [];
}

export interface PathRules {
  /** What a proxy cuts off the paths of requests. */
  pathPrefix: string;
  /** Below which path a pass is good, as the browser sees it. */
  passPath: string | undefined;
}

/**
 * The path of a page, as a cookie for it: the path itself, as long as browsers keep it and all frameworks spell it alike;
 * else the folder before what they may not.
 *
 * SECURITY: a `;` would end the path and begin an attribute (cookies.test.ts, "attributes of its own").
 */
export function pagePath({ path: target }: PaywallRequest, { pathPrefix }: PathRules): string {
  const [path = "/"] = target.split("?", 1);
  const short = path.slice(0, MAX_PATH - pathPrefix.length);
  const plain = /^\/(?:[\w.~!$&'()*+=:@/-]|%[\da-f]{2})*/i.exec(short)?.[0] ?? "/";
  return pathPrefix + (plain === path ? path : plain.slice(0, plain.lastIndexOf("/") + 1));
}

/** The path of the cookie with a pass: of this page, or of all those that the seller sells together. */
export function passPathOf(request: PaywallRequest, rules: PathRules): string {
  const page = pagePath(request, rules);
  const { passPath } = rules;
  if (passPath === undefined) return page;
  const isBelow = passPath === "/" || page === passPath || page.startsWith(`${passPath}/`);
  return isBelow ? passPath : page;
}
