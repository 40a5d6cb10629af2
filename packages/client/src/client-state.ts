/** What a client remembers: what it bought, what it may have paid, and what it spent. Plain JSON. */
export interface ClientState {
  version: 1;
  /** By scope key, the oldest first. */
  credentials: Record<string, StoredCredential[]>;
  /** Payments whose outcome is not known yet, by payment hash: written down before the wallet is asked. */
  pending: Record<string, PendingPayment>;
  spent: {
    totalMsat: number;
    /** By origin. */
    originsMsat: Record<string, number>;
    /** By the minute since 1970 in which the money left; the last day's. */
    minutesMsat: Record<string, number>;
  };
}

/** Where a credential may go: one origin, and there what the seller sold. */
export interface Scope {
  /** Method, origin and path: what was asked for when it was bought. */
  key: string;
  origin: string;
  /** The seller's own name for it, where it said one. Other paths of the origin may be sold under the same name. */
  resource?: string | undefined;
  /** What was asked for, with its query, where a redirect led here. */
  via?: string | undefined;
}

/** Whether two requests ask for the same, wherever they were led. */
export const isSameWish = (a: Scope, b: Scope): boolean =>
  isSameThing(a, b) || (a.via !== undefined && a.via === b.via);

/** What a request asks for. A query and a body may differ: the seller says whether that matters. */
export const scopeKeyOf = ({ method, url }: { method: string; url: URL }): string =>
  `${method} ${url.origin}${url.pathname}`;

/** Whether two requests are for the same thing: of one origin, and the same path, or sold under one name. */
export const isSameThing = (a: Scope, b: Scope): boolean =>
  a.key === b.key || (a.origin === b.origin && a.resource !== undefined && a.resource === b.resource);

/** A payment that was decided on. */
export interface PendingPayment {
  paymentHash: string;
  bolt11: string;
  token: string;
  scope: Scope;
  amountMsat: number;
  maxFeeMsat: number;
  /** When the invoice can no longer be paid; Unix milliseconds. */
  invoiceExpiresAt: number;
  /** Who sends it, and until when they are busy with it, if they live; Unix milliseconds. */
  owner: string;
  until: number;
  /** The name of the wallet that sends it; absent in what earlier versions wrote. */
  wallet?: string | undefined;
  /** How often the token can be used, as the seller said; absent where it did not or where there is no limit. */
  uses?: number | undefined;
  /** Until when the token is valid, as far as the seller said; Unix milliseconds. */
  validUntil?: number | undefined;
}

/**
 * What became of a credential that its seller has not accepted yet:
 *
 * - `sent`: the request that paid for it may have used it up; its answer is not known, or not yet.
 * - `unserved`: no request has got anything for it.
 * - `refused`: the seller refused it to the very request that paid for it.
 */
export type Unaccepted = "sent" | "unserved" | "refused";

/** What a payment bought. */
export interface StoredCredential {
  paymentHash: string;
  token: string;
  preimage: string;
  scope: Scope;
  amountMsat: number;
  feeMsat: number;
  /** 0 for what was used up by a request whose answer was lost: it stays until the seller has served something. */
  usesLeft?: number | undefined;
  /** Absent once the seller has accepted it. Until then it is kept, whatever the seller says of it. */
  unaccepted?: Unaccepted | undefined;
  /** Until this instant (Unix milliseconds) only the process that paid for it shows it. */
  heldUntil?: number | undefined;
  /** An answer to the one before it was lost: no loss of this one is believed. */
  afterLoss?: boolean | undefined;
  validUntil?: number | undefined;
}

export const emptyState = (): ClientState => ({
  version: 1,
  credentials: {},
  pending: {},
  spent: { totalMsat: 0, originsMsat: {}, minutesMsat: {} },
});
