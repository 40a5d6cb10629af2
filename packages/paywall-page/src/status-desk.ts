import {
  type InvoiceState,
  isPreimageOf,
  type PageVisit,
  type PaywallRequest,
  type Reply,
  type TokenClaims,
} from "@l402/core";
import { browserIdsOf } from "./browser-id.ts";
import { authenticClaim } from "./claim.ts";
import { isClaimName, isPassName } from "./cookie-names.ts";
import { readCookies } from "./cookies.ts";
import { offeredTo } from "./offered-terms.ts";
import type { PageParts } from "./page-parts.ts";
import { paidPasses } from "./paid-passes.ts";
import { claimCookieOver, passCookie } from "./payment-cookies.ts";
import { headerOf } from "./request-header.ts";

/** The answer for the page's script. It contains no preimage: that goes into a cookie, which scripts cannot read. */
export type StatusAnswer =
  | { status: "open" | "expired" | "canceled"; freshInMs: number }
  /** `kept`: whether the browser sent the cookie, so that a reload of the page will open it. */
  | { status: "settled"; kept: boolean }
  /** The browser keeps no cookies, or sends them to another path, so the visitor must not pay. */
  | { status: "noCookies" }
  | { status: "unknown" }
  | { status: "unavailable" };

/** Answers the page's question whether its invoice was paid. After the payment, it gives the browser its credential. */
export function createStatusDesk(parts: PageParts) {
  const { statusOf } = parts;

  /**
   * SECURITY: only the holder of our claim on this very resource gets an answer (status.test.ts, "somebody else's").
   */
  async function claimsOf(text: string, browserIds: string[], visit: PageVisit) {
    const held = await authenticClaim(parts, text, browserIds);
    return held && (await offeredTo(held.token, visit)) && { ...held.claim, claims: held.token.claims };
  }

  /**
   * Finds the state of an invoice. A browser's wallet may know the preimage before we ask the provider, and even if the
   * provider does not answer.
   */
  async function stateOf(request: PaywallRequest, claims: TokenClaims) {
    const preimage = headerOf(request, "l402-preimage")?.toLowerCase();
    if (isPreimageOf(preimage, claims.paymentHash)) {
      const state: InvoiceState = { status: "settled", preimage };
      return { state, freshInMs: 0 };
    }
    return statusOf(claims, request);
  }

  /**
   * True if the browser has bought in another tab what opens this page too. Only a pass without a limit counts: one
   * that is used up would open the page again and again, each time to a new invoice.
   */
  async function isOpen(request: PaywallRequest, visit: PageVisit): Promise<boolean> {
    for (const { token } of await paidPasses(parts, request)) {
      if (token.claims.uses === "unlimited" && (await visit.check(token).catch(() => undefined))) return true;
    }
    return false;
  }

  async function answer(request: PaywallRequest, visit: PageVisit, claimText: string): Promise<Reply> {
    const browserIds = browserIdsOf(request);
    if (browserIds.length === 0) return reply(404, { status: "noCookies" });
    const claim = await claimsOf(claimText, browserIds, visit);
    if (!claim) return reply(404, { status: "unknown" });
    const { state, freshInMs } = await stateOf(request, claim.claims);
    if (state.status === "open" && !bringsOurs(request)) return reply(404, { status: "noCookies" });
    if (state.status !== "settled") {
      if (await isOpen(request, visit)) return reply(200, { status: "settled", kept: true });
      return reply(200, { status: state.status, freshInMs });
    }
    const { paymentHash } = claim.claims;
    const kept = (await paidPasses(parts, request)).some(({ token }) => token.claims.paymentHash === paymentHash);
    // The claim stays until the browser has kept the pass, because a reload can still open the page with the claim.
    const cookies = kept
      ? claimCookieOver(parts, request, { ...claim, paymentHash })
      : await passCookie(parts, request, { ...claim, state });
    return reply(200, { status: "settled", kept }, cookies);
  }

  return (request: PaywallRequest, visit: PageVisit, claimText: string): Promise<Reply> =>
    answer(request, visit, claimText).catch(() => reply(503, { status: "unavailable" }));
}

/**
 * True if the browser sends our cookies back to this page. A proxy that changes the path without `pathPrefix` prevents
 * this.
 */
const bringsOurs = (request: PaywallRequest) =>
  readCookies(request, (name) => isClaimName(name) || isPassName(name)).length > 0;

const reply = (status: number, answer: StatusAnswer, more: Reply["headers"] = []): Reply => ({
  status,
  headers: [
    ["Content-Type", "application/json"],
    ["Cache-Control", "no-store"],
    ["Vary", "Authorization, Accept, Cookie, L402-Status"],
    ["X-Content-Type-Options", "nosniff"],
    ...more,
  ],
  body: JSON.stringify(answer),
});
