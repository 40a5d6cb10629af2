import type { L402Error } from "../errors.ts";
import type { Challenge } from "../wire/challenge-header.ts";

/** Sells access to resources. `createPaywall` makes it; adapters turn its decisions into a framework's responses. */
export interface Paywall {
  /**
   * Sets the terms of a route, once. Throws CONFIG_INVALID for terms that can never work, so that a mistake shows when
   * a route is mounted and not at its first request. Computed terms get a `Native`, the framework's request, as their
   * argument.
   */
  gate(terms: Terms): (request: PaywallRequest) => Promise<Decision>;
  gate<Native>(terms: TermsFor<Native>): Gate<Native>;
  /**
   * Decides about one request, with terms that were computed for it: a token must cover their price, as with computed
   * terms. Never throws.
   */
  check(request: PaywallRequest, terms: Terms): Promise<Decision>;
}

/**
 * Decides about one request. Every failure becomes a denied decision. The gate throws only if the seller's terms
 * function refused the request, by throwing a `Response`, an error with `expose: true`, or Hono's `HTTPException`, with
 * a status from 400 to 499 that is not 401, 402 or 407. Leave it to the framework.
 */
export type Gate<Native> = (request: PaywallRequest, native: Native) => Promise<Decision>;

/** The parts of an HTTP request that the engine needs. */
export interface PaywallRequest {
  method: string;
  /** The request target as received, or as parsed where a framework hands on only that. The query is ignored. */
  path: string;
  /** Reads one header by its lower-case name. Several lines come as a list or joined by commas. */
  header(name: string): string | readonly string[] | null | undefined;
  /**
   * Tells clients apart when challenges are limited, usually by IP address. Called before a challenge, at the first use
   * of a payment, and when a page asks whether its invoice was paid.
   */
  clientKey?(): string | undefined;
  /** True if the client has disconnected: then no invoice is created. Called only before a challenge. */
  hasLeft?(): boolean;
}

/** The price of one payment, and what the buyer gets for it. */
export interface Terms {
  /** In sats, or in millisatoshis: `{ msat: 500 }`. */
  price: Price;
  /**
   * The lowest amount that an earlier payment must have paid; at most the price, which is the default. It is for a
   * price that changes by itself, such as one in dollars: a buyer who paid a minute ago is served and need not pay
   * again.
   */
  acceptFrom?: Price | undefined;
  /**
   * The resource that the token opens. Default: this method and path. Routes with the same resource accept the same
   * tokens.
   */
  resource?: string | undefined;
  /** How many requests one payment is good for. Default 1. */
  uses?: number | "unlimited" | undefined;
  /** How long the token is valid, from the last moment its invoice can be paid. Default one hour. */
  validForSeconds?: number | undefined;
  /** The text that the payer's wallet shows. Default: the resource. */
  description?: string | undefined;
}

/**
 * The terms of a route, or a function that computes them for each request. Give that function the return type `Terms`:
 * TypeScript overlooks a misspelt field in a result without a type.
 */
export type TermsFor<Native> = Terms | ComputeTerms<Native>;

export type ComputeTerms<Native> = (request: Native) => Terms | Promise<Terms>;

/** A price: a number of sats, or `{ msat }` for millisatoshis. */
export type Price = number | { msat: number };

export type Decision = Granted | Denied | Preflight | Answered;

/** The request is paid: run the handler, and add the headers to its response. */
export interface Granted {
  outcome: "granted";
  payment: Payment;
  headers: Reply["headers"];
  /**
   * Call this once, when the request is over: the engine decides whether the use is given back. Never rejects; a second
   * call changes nothing.
   */
  finish(end: RequestEnd): Promise<void>;
}

/**
 * How a granted request ended: with the status that was sent (101 for a WebSocket), or before any status was sent:
 *
 * - `"unserved"`: the handler did not run, or it failed.
 * - `"left"`: the client left while the handler ran, however the handler then ended.
 */
export type RequestEnd = number | "unserved" | "left";

/** The payment for a request. */
export interface Payment {
  /** 64 lower-case hex characters, the same for every request that the payment is good for. */
  paymentHash: string;
  amountMsat: number;
  /** What the token opens: a method and a path, or the `resource` of the terms. */
  resource: string;
  /** Absent for unlimited tokens. */
  remainingUses?: number;
}

/** The request is not paid, or the decision failed: send the reply as it is. */
export interface Denied {
  outcome: "denied";
  reply: Reply;
  error: L402Error;
  /** The invoice and token that the reply offers, if any. */
  challenge?: Challenge;
}

/**
 * A browser's CORS preflight, which asks whether it may send the real request. It is not charged, and grants no access:
 * send the reply as it is.
 */
export interface Preflight {
  outcome: "preflight";
  reply: Reply;
}

/** A request of the paywall page itself, for example to ask whether its invoice was paid: send the reply as it is. */
export interface Answered {
  outcome: "answered";
  reply: Reply;
}

export interface Reply {
  status: number;
  /** A list, because WWW-Authenticate occurs twice. Set the headers with `mergeHeaders`. */
  headers: readonly (readonly [name: string, value: string])[];
  body: string;
}
