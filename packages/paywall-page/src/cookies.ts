import type { PaywallRequest } from "@l402/core";
import { headerOf } from "./request-header.ts";

/** Browsers drop cookies with more bytes; some of them also count the attributes. */
const MAX_COOKIE = 4096;
/** Browsers drop longer paths, or the whole cookie. */
const MAX_PATH = 1024;

/**
 * Returns all cookies that fit. The cookie for the longest path comes first.
 *
 * SECURITY: it returns all of them, even if there are many. Another subdomain can set any number of cookies, and they
 * must not hide a cookie with a paid token (thief.test.ts, "behind cookies of his own"). So callers must spend little
 * work on each one.
 */
export function readCookies(
  request: PaywallRequest,
  fits: (name: string, value: string) => boolean,
): Pick<Cookie, "name" | "value">[] {
  const cookies: Pick<Cookie, "name" | "value">[] = [];
  for (const pair of (headerOf(request, "cookie") ?? "").split(";")) {
    const end = pair.indexOf("=");
    const [name, value] = [pair.slice(0, end).trim(), pair.slice(end + 1).trim()];
    if (end > 0 && fits(name, value)) cookies.push({ name, value });
  }
  return cookies;
}

export interface Cookie {
  name: string;
  value: string;
  path: string;
  maxAgeSeconds: number;
}

/** Returns a `Set-Cookie` header, or none if browsers would not keep the cookie. */
export function setCookie({ name, value, path, maxAgeSeconds }: Cookie): [string, string][] {
  const age = Math.max(0, Math.floor(maxAgeSeconds));
  // SECURITY: the cookie is not for scripts, plain HTTP, or requests of other sites (cookies.test.ts, "every cookie").
  // Browsers treat loopback as secure, so this works in development too.
  const cookie = `${name}=${value}; Path=${path}; Max-Age=${age}; HttpOnly; Secure; SameSite=Lax`;
  return cookie.length <= MAX_COOKIE ? [["Set-Cookie", cookie]] : [];
}

interface PathRules {
  /** The prefix that a proxy removes from the paths of requests. */
  pathPrefix: string;
  /** The path below which a pass is valid, as the browser sees it. */
  passPath: string | undefined;
}

/**
 * Returns the cookie path of a page. This is the path itself, if browsers keep it and all frameworks spell it alike;
 * otherwise the folder before the first character or length that they do not accept.
 *
 * SECURITY: a `;` would end the path and begin an attribute (cookies.test.ts, "attributes of its own").
 */
export function pagePath({ path: target }: PaywallRequest, { pathPrefix }: PathRules): string {
  const [path = "/"] = target.split("?", 1);
  const short = path.slice(0, MAX_PATH - pathPrefix.length);
  const plain = /^\/(?:[\w.~!$&'()*+=:@/-]|%[\da-f]{2})*/i.exec(short)?.[0] ?? "/";
  return pathPrefix + (plain === path ? path : plain.slice(0, plain.lastIndexOf("/") + 1));
}

/** Returns the cookie path of a pass: this page, or all pages that the seller sells together. */
export function passPathOf(request: PaywallRequest, rules: PathRules): string {
  const page = pagePath(request, rules);
  const { passPath } = rules;
  if (passPath === undefined) return page;
  const isBelow = passPath === "/" || page === passPath || page.startsWith(`${passPath}/`);
  return isBelow ? passPath : page;
}
