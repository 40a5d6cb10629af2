import type { AuthenticToken, Instead, OfferedTerms, PageVisit, PaywallRequest } from "@l402/core";
import { type Claim, readClaim } from "./claim.ts";
import { CREDENTIAL, PENDING, readCookies } from "./cookies.ts";
import type { PageParts } from "./page-parts.ts";
import { cookiesOfPayment } from "./payment-cookies.ts";

/** What a browser holds for a request. */
export interface Holdings {
  /** Proven to be paid. */
  token?: AuthenticToken | undefined;
  /** What to set when it is served, because it has just turned out to be paid. */
  cookies?: [string, string][];
  /** Offers the invoice that it holds, in place of a new one. */
  instead?: Instead;
  cannotCheck?: boolean;
}

interface Pending {
  claim: Claim;
  token: AuthenticToken;
  terms: OfferedTerms;
}

/** Finds out what the cookies of a request are good for. Junk in them is no credential, and no reason to refuse. */
export function createHoldings(parts: PageParts) {
  const { engine, seals, proofs, statusOf } = parts;

  const authentic = (text: string, isPaid: Parameters<typeof engine.authenticate>[1], proof = "") =>
    engine.authenticate({ tokens: [text], preimage: proof }, isPaid).catch(() => undefined);

  /** Browsers send the one for the longest path first; whichever opens the request counts, else the first says why not. */
  async function paidToken(request: PaywallRequest, visit: PageVisit): Promise<AuthenticToken | undefined> {
    let first: AuthenticToken | undefined;
    for (const value of readCookies(request, CREDENTIAL)) {
      const [, text, proof] = /^([\w+/=-]{1,2800}):(r?[0-9a-f]{64})$/.exec(value) ?? [];
      if (!text || !proof) continue;
      const token = await authentic(text, (given, claims) => proofs.holds(given, text, claims), proof);
      if (!token) continue;
      if (await visit.check(token).catch(() => undefined)) return token;
      first ??= token;
    }
    return first;
  }

  /** Without JavaScript a reload is the only way to ask, and it must not bring a second invoice for the same thing. */
  async function pending(request: PaywallRequest, visit: PageVisit): Promise<Pending | undefined> {
    for (const value of readCookies(request, PENDING)) {
      const claim = readClaim(value, seals);
      const token = claim && (await authentic(claim.token, () => true));
      const terms = token && (await visit.check(token).catch(() => undefined));
      if (!terms) continue;
      const { amountMsat, uses } = token.claims;
      if (amountMsat === terms.amountMsat && uses === terms.uses) return { claim, token, terms };
    }
    return undefined;
  }

  function offerAgain(request: PaywallRequest, { claim, token, terms }: Pending): Instead {
    const { paymentHash, resource } = token.claims;
    const { expiresAt } = claim;
    const invoice = { bolt11: claim.invoice, paymentHash, expiresAt };
    return (refusal) =>
      expiresAt > engine.clock()
        ? engine.deny(request, refusal, { invoice, token: claim.token, terms, resource })
        : undefined;
  }

  return async (request: PaywallRequest, visit: PageVisit, isPerson: boolean): Promise<Holdings> => {
    const held = isPerson && request.method === "GET" ? await pending(request, visit) : undefined;
    if (!held) return { token: await paidToken(request, visit) };
    const status = await statusOf(held.token.claims).catch(() => undefined);
    const state = status?.state;
    if (state?.status === "settled") {
      const paid = { token: held.claim.token, claims: held.token.claims, state };
      return { token: held.token, cookies: cookiesOfPayment(parts, request, paid) };
    }
    const token = await paidToken(request, visit);
    if (state && state.status !== "open") return { token };
    return { token, instead: offerAgain(request, held), cannotCheck: !state };
  };
}
