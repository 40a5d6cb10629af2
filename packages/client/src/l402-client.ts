import type { Spending } from "./payment/budget.ts";

/** The price and terms of a seller. Price and expiry come from its invoice, and are checked. */
export interface Quote {
  url: string;
  method: string;
  origin: string;
  amountMsat: number;
  paymentHash: string;
  expiresAt: Date;
  /** The description in the seller's invoice. */
  description: string | undefined;
  /** The seller's name for the resource; not binding. */
  resource: string | undefined;
  /** How often the token can be used, as the seller says; not binding. */
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
  /** False if the request used a credential that was paid for earlier. */
  paidNow: boolean;
}

/** A credential that can still be used, or a payment that may have bought one. */
export interface Purchase {
  /** "unknown" for a payment whose outcome is open. */
  status: "paid" | "unknown";
  method: string;
  /** The address of the request that was paid for, without its query. */
  url: string;
  resource: string | undefined;
  paymentHash: string;
  amountMsat: number;
  /** The uses that are left. `undefined` if the seller did not say, or if there is no limit. */
  usesLeft: number | undefined;
  /** When the client stops sending the credential: at least an hour after the invoice's expiry. */
  validUntil: Date | undefined;
}

export interface L402Client {
  /** Like `fetch`, but pays for a 402, within the budget. Its `L402Error`s say in `fundsMoved` whether money moved. */
  fetch: typeof fetch;
  /**
   * Asks what a request would cost, without paying. `undefined` if the answer is no Lightning challenge. The request is
   * really sent: if a POST turns out to be free, the server carries it out.
   */
  quote(input: string | URL | Request, init?: RequestInit): Promise<Quote | undefined>;
  /** The payment that bought a response. */
  paymentOf(response: Response): ResponsePayment | undefined;
  /** What was spent, and what is reserved: what the budget counts. */
  spending(): Promise<Spending>;
  /** Lists credentials that are not used up, and payments whose outcome is open. The list holds no secret. */
  purchases(): Promise<Purchase[]>;
  /** Looks up payments whose outcome is open, after a crash or a timeout. Returns the hashes of those still open. */
  resume(): Promise<string[]>;
  /**
   * Forgets the credentials of one payment, of an address's origin, or all, so that they have to be paid for again.
   * Returns how many. A payment whose outcome is open is forgotten too, and counts as made from then on.
   */
  forget(what?: string | { paymentHash: string }): Promise<number>;
}
