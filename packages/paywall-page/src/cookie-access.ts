import { type PaywallRequest, parseAuthorization } from "@l402/core";
import { headerOf } from "./request-header.ts";

/**
 * Decides how a request may use its cookie: take a use, only show that there is a pass, or not at all.
 *
 * SECURITY: browsers send a cookie automatically, even if another site caused the request. So a cookie is valid only
 * for requests that change no data. Only the site itself, its subdomains and the visitor may spend a use of it
 * (cookie-access.test.ts). The browser's own SameSite=Lax does the same; this check also protects browsers without such
 * a rule.
 */
export function cookieAccess(request: PaywallRequest): "use" | "show" | "none" {
  if (request.method !== "GET" && request.method !== "HEAD") return "none";
  if (bringsCredential(request)) return "none";
  switch (headerOf(request, "sec-fetch-site")) {
    case "cross-site": {
      const isLink =
        headerOf(request, "sec-fetch-mode") === "navigate" && headerOf(request, "sec-fetch-dest") === "document";
      return isLink ? "show" : "none";
    }
    case undefined:
    case "same-origin":
    case "same-site":
    case "none":
      return isFetchedAhead(request) ? "show" : "use";
    default:
      return "none";
  }
}

/**
 * True if the browser or a script of the page fetches the page in advance. The visitor has not seen it yet, so this
 * request must cost no use. No script may set `Sec-Purpose`, so Turbo sends `X-Sec-Purpose`. A `Link` of Next sends `RSC`,
 * in advance and at the click. Next drops an answer that is not its own, and then the browser opens the page.
 */
const isFetchedAhead = (request: PaywallRequest): boolean =>
  headerOf(request, "rsc") !== undefined ||
  ["sec-purpose", "x-sec-purpose", "purpose", "x-purpose", "x-moz"].some((name) =>
    /prefetch|prerender|preview/i.test(headerOf(request, name) ?? ""),
  );

/**
 * True if nobody would see an offer: the page is fetched in advance, or the browser loads a part of another page, such
 * as a picture, the sound for its own player, or a frame, which the page's policy forbids. So the request must not
 * create an invoice.
 */
export const isUnseen = (request: PaywallRequest): boolean =>
  isFetchedAhead(request) ||
  /^(?:audio|video|track|image|font|style|script|i?frame|fencedframe|object|embed)$/.test(
    headerOf(request, "sec-fetch-dest") ?? "",
  );

/**
 * True if the request carries a credential in its Authorization header, which then alone counts. Credentials of another
 * scheme, such as a staging site's password, do not matter here.
 */
export function bringsCredential(request: PaywallRequest): boolean {
  try {
    return parseAuthorization(request.header("authorization")) !== undefined;
  } catch {
    return true;
  }
}
