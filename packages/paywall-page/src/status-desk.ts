import {
  type InvoiceState,
  isPreimageOf,
  type PageVisit,
  type PaywallRequest,
  type Reply,
  type TokenClaims,
} from "@l402/core";
import { browserIdsOf } from "./browser-id.ts";
import { readClaim } from "./claim.ts";
import { CREDENTIAL, PENDING, readCookies } from "./cookies.ts";
import { offeredTo } from "./offered-terms.ts";
import type { PageParts } from "./page-parts.ts";
import { paidPasses } from "./paid-passes.ts";
import { claimCookieOver, passCookie } from "./payment-cookies.ts";
import { headerOf } from "./request-header.ts";

/** What the page's script reads. There is no preimage in it: that goes into a cookie, which no script can read. */
export type StatusAnswer =
  | { status: "open" | "expired" | "canceled"; freshInMs: number }
  /** `kept`: whether the browser sent the cookie, so that loading the page again will open it. */
  | { status: "settled"; kept: boolean }
  /** The browser keeps no cookies, or brings them to another path, so that it must not pay. */
  | { status: "noCookies" }
  | { status: "unknown" }
  | { status: "unavailable" };

/** Answers the page's question whether its invoice was paid, and on payment gives the browser its credential. */
export function createStatusDesk(parts: PageParts) {
  const { engine, seals, statusOf } = parts;

  /** SECURITY: only who holds a claim of ours on this very resource learns anything (status.test.ts, "somebody else's"). */
  async function claimsOf(text: string, browserIds: string[], visit: PageVisit) {
    const claim = readClaim(text, browserIds, seals);
    if (!claim) return undefined;
    const token = await engine.authenticate({ tokens: [claim.token], preimage: "" }, () => true).catch(() => undefined);
    return token && (await offeredTo(token, visit)) && { token: claim.token, claims: token.claims };
  }

  /** A browser's wallet knows the preimage before the provider is asked, and also when it cannot be. */
  async function stateOf(request: PaywallRequest, claims: TokenClaims) {
    const preimage = headerOf(request, "l402-preimage")?.toLowerCase();
    if (isPreimageOf(preimage, claims.paymentHash)) {
      const state: InvoiceState = { status: "settled", preimage };
      return { state, freshInMs: 0 };
    }
    return statusOf(claims);
  }

  async function answer(request: PaywallRequest, visit: PageVisit, claimText: string): Promise<Reply> {
    const browserIds = browserIdsOf(request);
    if (browserIds.length === 0) return reply(404, { status: "noCookies" });
    const claim = await claimsOf(claimText, browserIds, visit);
    if (!claim) return reply(404, { status: "unknown" });
    const { state, freshInMs } = await stateOf(request, claim.claims);
    if (state.status === "open" && !bringsOurs(request)) return reply(404, { status: "noCookies" });
    if (state.status !== "settled") return reply(200, { status: state.status, freshInMs });
    const { paymentHash } = claim.claims;
    const kept = (await paidPasses(parts, request)).some(({ claims }) => claims.paymentHash === paymentHash);
    // Until then a reload can still open by the claim.
    const cookies = kept ? claimCookieOver(parts, request) : passCookie(parts, request, { ...claim, state });
    return reply(200, { status: "settled", kept }, cookies);
  }

  return (request: PaywallRequest, visit: PageVisit, claimText: string): Promise<Reply> =>
    answer(request, visit, claimText).catch(() => reply(503, { status: "unavailable" }));
}

/** Whether cookies for this page come back to it. Where a proxy cuts its path and nobody said so, they do not. */
const bringsOurs = (request: PaywallRequest) =>
  readCookies(request, (name) => name === PENDING || name === CREDENTIAL).length > 0;

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
