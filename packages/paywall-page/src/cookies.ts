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

/** All values of the cookies with a name: the one for the longest path comes first. */
export function readCookies(request: PaywallRequest, name: string): string[] {
  const values: string[] = [];
  for (const pair of (headerOf(request, "cookie") ?? "").split(";")) {
    const text = pair.trim();
    if (text.startsWith(`${name}=`)) values.push(text.slice(name.length + 1));
    if (values.length === MAX_OF_ONE_NAME) break;
  }
  return values;
}

export interface CookieRules {
  /** What a proxy cuts off the paths of requests. */
  pathPrefix: string;
}

/** A `Set-Cookie` header for the path of a request; `undefined` where no browser would keep it. */
export function setCookie(
  request: PaywallRequest,
  { pathPrefix }: CookieRules,
  cookie: { name: string; value: string; maxAgeSeconds: number },
): [string, string][] {
  const { name, value, maxAgeSeconds } = cookie;
  if (value.length > MAX_VALUE) return [];
  const secure = isLoopback(headerOf(request, "host")) ? "" : "; Secure";
  const path = pathPrefix + cookiePath(request.path);
  const age = Math.max(0, Math.floor(maxAgeSeconds));
  return [["Set-Cookie", `${name}=${value}; Path=${path}; Max-Age=${age}; HttpOnly; SameSite=Lax${secure}`]];
}

export const dropCookie = (request: PaywallRequest, rules: CookieRules, name: string): [string, string][] =>
  setCookie(request, rules, { name, value: "", maxAgeSeconds: 0 });

/**
 * The path itself, as long as browsers and all frameworks spell it alike; else the folder before what they may not.
 *
 * SECURITY: a `;` would end the path and begin an attribute (cookies.test.ts, "attributes of its own").
 */
function cookiePath(target: string): string {
  const [path = "/"] = target.split("?", 1);
  const plain = /^\/[\w.~!$&'()*+=:@/-]*/.exec(path)?.[0] ?? "/";
  return plain === path ? path : plain.slice(0, plain.lastIndexOf("/") + 1);
}

/** Where browsers take no Secure cookies over plain HTTP, and nobody can listen. */
const isLoopback = (host = "") => /^(localhost|[\w.-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host);
