import type { PaywallRequest } from "@l402/core";
import { headerOf } from "./request-header.ts";

/** The token and the proof of its payment. */
export const CREDENTIAL = "l402";
/** The claim on an invoice that was not paid yet. */
export const PENDING = "l402_pending";
/** A browser sends several of one name, where they were set for different paths. */
const MAX_OF_ONE_NAME = 16;
/** Browsers drop cookies of more than 4096 bytes, name and attributes included. */
const MAX_VALUE = 3800;

/** All values of the cookies whose name fits: the one for the longest path comes first. */
export function readCookies(request: PaywallRequest, fits: (name: string, value: string) => boolean): string[] {
  const values: string[] = [];
  for (const pair of (headerOf(request, "cookie") ?? "").split(";")) {
    const end = pair.indexOf("=");
    const value = pair.slice(end + 1).trim();
    if (end > 0 && fits(pair.slice(0, end).trim(), value)) values.push(value);
    if (values.length === MAX_OF_ONE_NAME) break;
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
  if (value.length > MAX_VALUE) return [];
  const age = Math.max(0, Math.floor(maxAgeSeconds));
  // SECURITY: not for scripts, not for plain HTTP, not for other sites' requests (cookies.test.ts, "every cookie"). Browsers
  // count loopback as secure, so that this holds in development too.
  return [["Set-Cookie", `${name}=${value}; Path=${path}; Max-Age=${age}; HttpOnly; Secure; SameSite=Lax`]];
}

export interface PathRules {
  /** What a proxy cuts off the paths of requests. */
  pathPrefix: string;
  /** Below which path a pass is good, as the browser sees it. */
  passPath: string | undefined;
}

/**
 * The path of a page, as a cookie for it: the path itself, as long as browsers and all frameworks spell it alike; else the
 * folder before what they may not.
 *
 * SECURITY: a `;` would end the path and begin an attribute (cookies.test.ts, "attributes of its own").
 */
export function pagePath({ path: target }: PaywallRequest, { pathPrefix }: PathRules): string {
  const [path = "/"] = target.split("?", 1);
  const plain = /^\/(?:[\w.~!$&'()*+=:@/-]|%[\da-f]{2})*/i.exec(path)?.[0] ?? "/";
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
