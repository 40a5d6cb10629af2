import type { L402Error } from "../errors.ts";
import type { Decision, Denied, PaywallRequest } from "../paywall/paywall.ts";
import type { Offer, OfferedTerms } from "../paywall/reply.ts";
import type { KeyRing } from "../token/key-ring.ts";
import type { Credential } from "../wire/parse-authorization.ts";
import type { Clock } from "./clock.ts";
import type { InvoiceState } from "./lightning-provider.ts";
import type { AuthenticToken, TokenClaims } from "./token-format.ts";

/**
 * Gives people a page instead of problem JSON, and a cookie instead of an Authorization header. `@l402/paywall-page`
 * makes one.
 */
export interface PaywallPage {
  /**
   * Called once by `createPaywall`. The function that it returns runs before every gate, and its decision is the
   * answer.
   */
  open(engine: PageEngine): (request: PaywallRequest, visit: PageVisit) => Promise<Decision>;
}

/** The parts of a paywall that its page may use. */
export interface PageEngine {
  keys: KeyRing;
  clock: Clock;
  /**
   * Proves that a token is ours and that `isPaid` accepts the proof that came with it. It does not check what the token
   * opens. Rejects with an L402Error.
   *
   * SECURITY: `isPaid` replaces the proof of payment, so a token that it accepts may open its resource (thief.test.ts,
   * "a receipt of his own making").
   */
  authenticate(credential: Credential, isPaid: IsPaid): Promise<AuthenticToken>;
  /** Asks the provider for the state of a token's invoice, for at most `providerTimeoutSeconds`. */
  lookUp(claims: TokenClaims): Promise<InvoiceState>;
  /** Tells clients apart, as for the limiter of unpaid invoices. May throw. */
  clientOf(request: PaywallRequest): string | undefined;
  /** Makes the refusal that programs get, with or without an offer. */
  deny(request: PaywallRequest, error: L402Error, offer?: Offer): Denied;
}

export type IsPaid = (proof: string, claims: TokenClaims) => boolean;

/** One request, and the ways in which a page may handle it. */
export interface PageVisit {
  /**
   * Returns the terms of this request. Rejects unless the token opens it: its resource, its expiry and the amount it
   * paid.
   */
  check(token: AuthenticToken): Promise<OfferedTerms>;
  /**
   * Decides as if there were no page. `token` must have passed `authenticate`; it is used if the request brings no
   * credential. A reply that `instead` returns takes the place of a new invoice. Rejects if the seller's terms
   * function does; leave that error to the paywall.
   */
  decide(token?: AuthenticToken, instead?: Instead): Promise<Decision>;
}

export type Instead = (reason: L402Error) => Denied | undefined;
