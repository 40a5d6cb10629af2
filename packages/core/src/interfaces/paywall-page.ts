import type { L402Error } from "../errors.ts";
import type { Decision, Denied, PaywallRequest } from "../paywall/paywall.ts";
import type { Offer, OfferedTerms } from "../paywall/reply.ts";
import type { KeyRing } from "../token/key-ring.ts";
import type { Credential } from "../wire/parse-authorization.ts";
import type { Clock } from "./clock.ts";
import type { InvoiceState } from "./lightning-provider.ts";
import type { AuthenticToken, TokenClaims } from "./token-format.ts";

/** What people see and hold in place of problem JSON and an Authorization header. `@l402/paywall-page` makes one. */
export interface PaywallPage {
  /** Called once by `createPaywall`. What it answers stands before every gate, and answers in its place. */
  open(engine: PageEngine): (request: PaywallRequest, visit: PageVisit) => Promise<Decision>;
}

/** What a page may ask of the paywall it belongs to. */
export interface PageEngine {
  keys: KeyRing;
  clock: Clock;
  /**
   * Proves that a token is ours and that `isPaid` holds for what came with it; says nothing about what it opens. Rejects
   * with an L402Error.
   *
   * SECURITY: `isPaid` stands for the proof of payment, so a token that it let through may open its resource
   * (unlock.test.ts, "a receipt of his own making").
   */
  authenticate(credential: Credential, isPaid: IsPaid): Promise<AuthenticToken>;
  /** Asks the provider, as long as the options allow. */
  lookUp(claims: TokenClaims): Promise<InvoiceState>;
  /** A refusal as programs get it, with or without an offer. */
  deny(request: PaywallRequest, error: L402Error, offer?: Offer): Denied;
}

export type IsPaid = (proof: string, claims: TokenClaims) => boolean;

/** One request, as a page may deal with it. */
export interface PageVisit {
  /** The terms of this request. Rejects unless the token opens it: its resource, its time and what it paid. */
  check(token: AuthenticToken): Promise<OfferedTerms>;
  /**
   * Decides as without a page. With a token that `authenticate` let through, by that one where the request brings none;
   * with `instead`, what that answers takes the place of a new invoice. Rejects where the seller's terms do; leave that to
   * the paywall.
   */
  decide(token?: AuthenticToken, instead?: Instead): Promise<Decision>;
}

export type Instead = (refusal: L402Error) => Denied | undefined;
