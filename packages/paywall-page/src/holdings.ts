import {
  type AuthenticToken,
  type Denied,
  type Instead,
  L402Error,
  type OfferedTerms,
  type PageVisit,
  type PaywallRequest,
} from "@l402/core";
import { browserIdsOf } from "./browser-id.ts";
import { type Claim, readClaim } from "./claim.ts";
import { isClaimName } from "./cookie-names.ts";
import { readCookies } from "./cookies.ts";
import { offeredTo } from "./offered-terms.ts";
import type { PageParts } from "./page-parts.ts";
import { ifNotOurs, paidPasses } from "./paid-passes.ts";
import { claimCookieOver, passCookie } from "./payment-cookies.ts";

/** Each token that opens a request may cost a request to the store. */
const MAX_TOKENS = 16;

/** The paid tokens and the pending invoice that a browser holds for a request. */
export interface Holdings {
  /** Tokens that are proven to be paid. The first one that is not used up counts. */
  tokens: AuthenticToken[];
  /** Cookies to set when the request is served, because the invoice has just turned out to be paid. */
  cookies?: [string, string][];
  /** Offers the invoice that the browser already holds, or none, instead of a new one. */
  instead?: Instead | undefined;
  cannotCheck?: boolean;
}

interface Pending {
  claim: Claim;
  token: AuthenticToken;
  terms: OfferedTerms | undefined;
}

/** Creates the function that finds out what the cookies of a request are valid for. */
export function createHoldings(parts: PageParts) {
  const { engine, seals, statusOf } = parts;

  /**
   * Returns the tokens that open the request, the token for the longest path first. If there is none, returns the first
   * other token, which gives the reason for the refusal.
   */
  async function paidTokens(request: PaywallRequest, visit: PageVisit): Promise<AuthenticToken[]> {
    const opening: AuthenticToken[] = [];
    let other: AuthenticToken | undefined;
    for (const { token } of await paidPasses(parts, request)) {
      if (await visit.check(token).catch(() => undefined)) opening.push(token);
      else other ??= token;
      if (opening.length === MAX_TOKENS) break;
    }
    return opening.length > 0 || !other ? opening : [other];
  }

  const authentic = (text: string) =>
    engine.authenticate({ tokens: [text], preimage: "" }, () => true).catch(ifNotOurs);

  /**
   * Finds the invoice for which the browser has a claim. Without JavaScript, a reload is the only way to ask for its
   * state, and a reload must not create a second invoice for the same goods.
   */
  async function pending(request: PaywallRequest, visit: PageVisit): Promise<Pending | undefined> {
    const browserIds = browserIdsOf(request);
    for (const { value } of readCookies(request, isClaimName)) {
      const claim = readClaim(value, browserIds, seals);
      const token = claim && (await authentic(claim.token));
      const offered = token && (await offeredTo(token, visit).catch(() => undefined));
      if (offered) return { claim, token, terms: offered.terms };
    }
    return undefined;
  }

  /**
   * Offers the invoice that a browser holds, unless it has expired or a new one would be cheaper or buy something else.
   */
  function offerAgain(request: PaywallRequest, { claim, token, terms }: Pending): Instead | undefined {
    const { paymentHash, resource, amountMsat, uses } = token.claims;
    const { expiresAt } = claim;
    const isGood = terms && amountMsat <= terms.amountMsat && uses === terms.uses && expiresAt > engine.clock();
    if (!isGood) return undefined;
    const invoice = { bolt11: claim.invoice, paymentHash, expiresAt };
    const offer = { invoice, token: claim.token, terms: { ...terms, amountMsat }, resource };
    return (refusal) => engine.deny(request, refusal, offer);
  }

  /** Refuses, and has the browser ask again before the invoice loses its place in the line. */
  function notNow(request: PaywallRequest, error: L402Error): Denied {
    const denied = engine.deny(request, error);
    const headers: Denied["reply"]["headers"] = [...denied.reply.headers, ["Refresh", "2"]];
    return { ...denied, reply: { ...denied.reply, headers } };
  }

  async function holdingsOf(request: PaywallRequest, visit: PageVisit, isPerson: boolean): Promise<Holdings> {
    const held = isPerson && request.method === "GET" ? await pending(request, visit) : undefined;
    if (!held) return { tokens: await paidTokens(request, visit) };
    let failure: L402Error | undefined;
    const status = await statusOf(held.token.claims, request).catch((error: L402Error) => {
      failure = error;
    });
    if (status?.isWaiting) failure = new L402Error("PROVIDER_RATE_LIMITED", "Too many invoices are asked about.");
    const state = status?.state;
    if (state?.status === "settled") {
      const paid = { token: held.claim.token, claims: held.token.claims, state };
      return {
        tokens: [held.token],
        cookies: [...(await passCookie(parts, request, paid)), ...(await claimCookieOver(parts, request, paid.claims))],
      };
    }
    const tokens = await paidTokens(request, visit);
    if (state && state.status !== "open") return { tokens };
    // SECURITY: a new invoice would take the old one's place in the browser, and the old one may have been paid
    // (unlock.test.ts, "while nobody can be asked"; status.test.ts, "while it waits in line"). Whatever else a provider
    // says of an old invoice, it may say for ever: that it does not know it, in its own way.
    const isUnknown = /^PROVIDER_(UNREACHABLE|TIMEOUT|RATE_LIMITED)$/.test(`${failure?.code}`);
    const wait: Instead | undefined = isUnknown ? () => notNow(request, failure as L402Error) : undefined;
    return { tokens, instead: offerAgain(request, held) ?? wait, cannotCheck: !state };
  }

  return (request: PaywallRequest, visit: PageVisit, isPerson: boolean): Promise<Holdings> =>
    holdingsOf(request, visit, isPerson).catch((error: L402Error) => ({
      tokens: [],
      instead: () => notNow(request, error),
    }));
}
