import {
  type AuthenticToken,
  type Denied,
  type Instead,
  type InvoiceState,
  L402Error,
  type OfferedTerms,
  type PageVisit,
  type PaywallRequest,
} from "@l402/core";
import { browserIdsOf } from "./browser-id.ts";
import { authenticClaim, type Claim } from "./claim.ts";
import { isClaimName } from "./cookie-names.ts";
import { readCookies } from "./cookies.ts";
import { offeredTo } from "./offered-terms.ts";
import type { PageParts } from "./page-parts.ts";
import { paidPasses } from "./paid-passes.ts";
import { claimCookieOver, passCookie } from "./payment-cookies.ts";

/** Each token that opens a request may cost a request to the store. */
const MAX_TOKENS = 16;

/** The paid tokens and the pending invoices that a browser holds for a request. */
interface Holdings {
  /** Tokens that are proven to be paid. The first one that is not used up counts. */
  tokens: AuthenticToken[];
  /** Cookies to set when the request is served, because invoices have just turned out to be paid. */
  cookies?: [string, string][];
  /** Offers the invoice that the browser already holds, or none, instead of a new one. */
  instead?: Instead | undefined;
  cannotCheck?: boolean;
}

/** What is known of an invoice: its state, or why there is none or only an old one. */
interface KnownState {
  state?: InvoiceState;
  failure?: L402Error;
}

interface Pending extends KnownState {
  claim: Claim;
  token: AuthenticToken;
  terms: OfferedTerms | undefined;
}

/** Creates the function that finds out what the cookies of a request are valid for. */
export function createHoldings(parts: PageParts) {
  const { engine, statusOf } = parts;

  /**
   * Returns those of the tokens that open the request. If there is none, returns the first other token, which gives the
   * reason for the refusal.
   */
  async function tokensThatOpen(paid: AuthenticToken[], visit: PageVisit): Promise<AuthenticToken[]> {
    const opening: AuthenticToken[] = [];
    let other: AuthenticToken | undefined;
    for (const token of paid) {
      if (await visit.check(token).catch(() => undefined)) opening.push(token);
      else other ??= token;
      if (opening.length === MAX_TOKENS) break;
    }
    return opening.length > 0 || !other ? opening : [other];
  }

  /**
   * Finds the invoices for which the browser has claims, and their states; the invoice that ends last comes first.
   * Without JavaScript, a reload is the only way to ask for a state, and a reload must not create a second invoice for
   * the same goods. Several invoices are held if new ones were offered after the terms changed or an invoice expired.
   */
  async function pending(request: PaywallRequest, visit: PageVisit): Promise<Pending[]> {
    const browserIds = browserIdsOf(request);
    const found: Promise<Pending>[] = [];
    for (const { value } of readCookies(request, isClaimName)) {
      const held = await authenticClaim(parts, value, browserIds);
      const offered = held && (await offeredTo(held.token, visit).catch(() => undefined));
      if (offered) found.push(stateOf(held.token, request).then((known) => ({ ...held, ...offered, ...known })));
    }
    return (await Promise.all(found)).sort((a, b) => b.claim.expiresAt.getTime() - a.claim.expiresAt.getTime());
  }

  async function stateOf({ claims }: AuthenticToken, request: PaywallRequest): Promise<KnownState> {
    try {
      const { state, isWaiting } = await statusOf(claims, request);
      if (!isWaiting || state.status !== "open") return { state };
      return { state, failure: new L402Error("PROVIDER_RATE_LIMITED", "Too many invoices are asked about.") };
    } catch (error) {
      return { failure: error as L402Error };
    }
  }

  /** True if the invoice may be offered again: it can still be paid, and a new one would be the same and no cheaper. */
  function isGood({ claim, token, terms, state }: Pending): boolean {
    const { amountMsat, uses } = token.claims;
    if (!terms || amountMsat > terms.amountMsat || uses !== terms.uses) return false;
    return (!state || state.status === "open") && claim.expiresAt > engine.clock();
  }

  function offerAgain(request: PaywallRequest, { claim, token, terms }: Pending): Instead {
    const { paymentHash, resource, amountMsat } = token.claims;
    const invoice = { bolt11: claim.invoice, paymentHash, expiresAt: claim.expiresAt };
    const offer = { invoice, token: claim.token, terms: { ...(terms as OfferedTerms), amountMsat }, resource };
    return (refusal) => engine.deny(request, refusal, offer);
  }

  /** Refuses, and has the browser ask again before the invoice loses its place in the line. */
  function notNow(request: PaywallRequest, error: L402Error): Denied {
    const denied = engine.deny(request, error);
    const headers: Denied["reply"]["headers"] = [...denied.reply.headers, ["Refresh", "2"]];
    return { ...denied, reply: { ...denied.reply, headers } };
  }

  async function holdingsOf(request: PaywallRequest, visit: PageVisit, isPerson: boolean): Promise<Holdings> {
    const held = isPerson && request.method === "GET" ? await pending(request, visit) : [];
    const paid: AuthenticToken[] = [];
    const cookies: [string, string][] = [];
    for (const { claim, token, state } of held) {
      if (state?.status !== "settled") continue;
      const { claims } = token;
      paid.push(token);
      cookies.push(...(await passCookie(parts, request, { token: claim.token, claims, state })));
      cookies.push(...claimCookieOver(parts, request, { ...claim, paymentHash: claims.paymentHash }));
    }
    // Of the passes, the one for the longest path comes first.
    for (const { token } of await paidPasses(parts, request)) paid.push(token);
    const tokens = await tokensThatOpen(paid, visit);
    const offered = held.find(isGood);
    if (offered) return { tokens, cookies, instead: offerAgain(request, offered), cannotCheck: !offered.state };
    // SECURITY: an invoice whose state cannot be known now may have been paid, so nobody is asked to pay another one
    // (offer.test.ts, "while nobody can be asked"; status.test.ts, "while it waits in line"). Whatever else a provider
    // says of an old invoice, it may say for ever: that it does not know it, in its own way.
    const unknown = held.find(({ failure }) =>
      /^PROVIDER_(UNREACHABLE|TIMEOUT|RATE_LIMITED)$/.test(`${failure?.code}`),
    );
    return { tokens, cookies, instead: unknown && (() => notNow(request, unknown.failure as L402Error)) };
  }

  return (request: PaywallRequest, visit: PageVisit, isPerson: boolean): Promise<Holdings> =>
    holdingsOf(request, visit, isPerson).catch((error: L402Error) => ({
      tokens: [],
      instead: () => notNow(request, error),
    }));
}
