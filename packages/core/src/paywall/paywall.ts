import type { L402Error } from "../errors.ts";
import type { Challenge } from "../wire/challenge-header.ts";

/** Sells access to resources. Made by `createPaywall`; adapters turn its decisions into a framework's responses. */
export interface Paywall {
  /**
   * Sets the terms of a route, once. Throws CONFIG_INVALID for terms that can never work, so that a mistake shows when
   * a route is mounted and not at its first request. `Native` is what computed terms get to see.
   */
  gate(terms: Terms): (request: PaywallRequest) => Promise<Decision>;
  gate<Native>(terms: TermsFor<Native>): Gate<Native>;
  /**
   * Decides about one request by terms that were worked out for it: like computed ones, their price has to be covered.
   * Never throws.
   */
  check(request: PaywallRequest, terms: Terms): Promise<Decision>;
}

/**
 * Decides about one request: every failure is a denied decision. It only throws what the seller's terms threw to refuse the
 * request: an error, or a `Response`, with a `status` or `statusCode` from 400 to 499. Leave that to the framework.
 */
export type Gate<Native> = (request: PaywallRequest, native: Native) => Promise<Decision>;

/** What the engine needs to know of an HTTP request. */
export interface PaywallRequest {
  method: string;
  /** The request target as received, percent-encoding included; a query or an origin in it is ignored. */
  path: string;
  /** One header by its lower-case name; several lines as a list or joined by commas. */
  header(name: string): string | readonly string[] | null | undefined;
  /** Tells clients apart when challenges are limited, usually the IP address. Only asked for a challenge. */
  clientKey?(): string | undefined;
  /** Whether nobody waits for the answer any more: then no invoice is made. Only asked for a challenge. */
  hasLeft?(): boolean;
}

/** What one use of a resource costs, and what the buyer gets for it. */
export interface Terms {
  price: Price;
  /**
   * The least that an earlier payment must have paid; at most the price, which is the default. For a price that moves by
   * itself, such as one in dollars: who paid a minute ago is served, and not asked to pay again.
   */
  acceptFrom?: Price;
  /** What the token opens. Default: this method and path. Routes that share a resource share its tokens. */
  resource?: string;
  /** How many requests one payment is good for. Default 1. */
  uses?: number | "unlimited";
  /** How long the token is good, from the last moment its invoice can be paid. Default one hour. */
  validForSeconds?: number;
  /** What the payer's wallet shows. */
  description?: string;
}

export type TermsFor<Native> = Terms | ((request: Native) => Terms | Promise<Terms>);

/** A number is sats. */
export type Price = number | { msat: number };

export type Decision = Granted | Denied | Preflight | Answered;

/** Paid: run the handler, add the headers to its response. */
export interface Granted {
  outcome: "granted";
  payment: Payment;
  headers: Reply["headers"];
  /** Gives the use back because the handler failed. Never rejects; a second call does nothing. */
  release(): Promise<void>;
}

export interface Payment {
  paymentHash: string;
  amountMsat: number;
  resource: string;
  /** Absent for unlimited tokens. */
  remainingUses?: number;
}

/** Not paid, or not decidable: send the reply as it is. */
export interface Denied {
  outcome: "denied";
  reply: Reply;
  error: L402Error;
  /** What the reply offers, where it offers something. */
  challenge?: Challenge;
}

/** A browser asks whether it may send the real request. Nothing is granted or charged: send the reply as it is. */
export interface Preflight {
  outcome: "preflight";
  reply: Reply;
}

/** The page's own request, such as its question whether its invoice was paid: send the reply as it is. */
export interface Answered {
  outcome: "answered";
  reply: Reply;
}

export interface Reply {
  status: number;
  /** A list, because WWW-Authenticate occurs twice. Set them through `mergeHeaders`. */
  headers: readonly (readonly [name: string, value: string])[];
  body: string;
}
