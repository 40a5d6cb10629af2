import type { Spending } from "./budget.ts";

/** What a seller asks for, read from its invoice and checked. */
export interface Quote {
  url: string;
  method: string;
  origin: string;
  amountMsat: number;
  paymentHash: string;
  expiresAt: Date;
  /** The seller's words. */
  description: string | undefined;
  /** What the seller calls the thing that is sold, and how often the token opens it; not binding. */
  resource: string | undefined;
  uses: number | "unlimited" | undefined;
}

/** A payment that was made. */
export interface L402Payment {
  paymentHash: string;
  origin: string;
  resource: string | undefined;
  amountMsat: number;
  feeMsat: number;
}

/** The payment behind a response. */
export interface ResponsePayment extends L402Payment {
  /** False where an earlier payment was still good. */
  paidNow: boolean;
}

/** Something that was bought and can still be used, or may have been bought. */
export interface Purchase {
  /** "unknown" for a payment whose outcome is open. */
  status: "paid" | "unknown";
  method: string;
  /** Of the request that it was bought for. */
  url: string;
  resource: string | undefined;
  paymentHash: string;
  amountMsat: number;
  /** As far as the seller said. */
  usesLeft: number | undefined;
  validUntil: Date | undefined;
}

export interface L402Client {
  /** `fetch`, which pays for a 402 inside the budget. Throws an `L402Error` whose `fundsMoved` tells what became of money. */
  fetch: typeof fetch;
  /**
   * What a request would cost, without paying; `undefined` where it is not answered with a Lightning challenge. The request
   * is sent: a POST that turns out to be free is carried out.
   */
  quote(input: string | URL | Request, init?: RequestInit): Promise<Quote | undefined>;
  /** The payment that a response was bought with. */
  paymentOf(response: Response): ResponsePayment | undefined;
  spending(): Promise<Spending>;
  /** What was bought and is not used up, and payments whose outcome is open; nothing of it is secret. */
  purchases(): Promise<Purchase[]>;
  /** Looks up payments whose outcome is open, after a crash or a timeout. Answers the payment hashes that still are. */
  resume(): Promise<string[]>;
  /**
   * Forgets what was bought, by one payment, at one origin or everywhere, so that it has to be paid for again; answers how
   * much that was. A payment whose outcome is open counts as made from then on.
   */
  forget(what?: string | { paymentHash: string }): Promise<number>;
}
