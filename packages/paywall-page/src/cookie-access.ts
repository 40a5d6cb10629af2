import { type PaywallRequest, parseAuthorization } from "@l402/core";
import { headerOf } from "./request-header.ts";

/**
 * What a cookie may do for a request: take a use, only show that there is a pass, or nothing.
 *
 * SECURITY: a cookie comes by itself, also when another site had the browser ask. So it is only good for what changes
 * nothing, and only the site itself, its subdomains and the person may spend a use of it (cookie-access.test.ts). The
 * browser's own SameSite=Lax says the same; this holds where a browser has no such rule.
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

/** By a browser in case it is wanted: nobody has seen it yet, and it must cost neither a use nor an invoice. */
export const isFetchedAhead = (request: PaywallRequest): boolean =>
  ["sec-purpose", "purpose", "x-purpose"].some((name) =>
    /prefetch|prerender|preview/i.test(headerOf(request, name) ?? ""),
  );

/** What somebody chose to send stands alone. Of another scheme, such as a staging site's password, it says nothing. */
function bringsCredential(request: PaywallRequest): boolean {
  try {
    return parseAuthorization(request.header("authorization")) !== undefined;
  } catch {
    return true;
  }
}
