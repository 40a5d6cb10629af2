import type { L402Payment } from "../l402-client.ts";

/** The memory of a client: its credentials, its open payments, and its spending. Plain JSON. */
export interface ClientState {
  version: 1;
  /** By scope key, the oldest first. */
  credentials: Record<string, StoredCredential[]>;
  /** Payments whose outcome is not known yet, by payment hash. Each is written down before the wallet is asked. */
  pending: Record<string, PendingPayment>;
  /** The last payments that were taken for failed. */
  gone: string[];
  /** By payment hash: the name of the wallet that made the payment and returned no preimage. It is not to pay again. */
  unproven: Record<string, string>;
  spent: {
    totalMsat: number;
    /** By origin. */
    originsMsat: Record<string, number>;
    /** By the minute since 1970 in which the money was spent. Only the last day is kept. */
    minutesMsat: Record<string, number>;
  };
}

/** The requests that a credential may be sent with: one origin, and one thing that the seller sold there. */
export interface Scope {
  /** Method, origin and path of the request that was paid for. */
  key: string;
  origin: string;
  /** The seller's own name for the resource, if it gave one. Other paths of the origin may have the same name. */
  resource?: string | undefined;
  /** The original request, with its query, if a redirect led here. */
  via?: string | undefined;
}

/** The key of a request. It has no query and no body: the seller decides whether they matter. */
export const scopeKeyOf = ({ method, url }: { method: string; url: URL }): string =>
  `${method} ${url.origin}${url.pathname}`;

/** The method and the address behind a scope. */
export const requestOf = ({ key }: Scope) => {
  const [method = "", url = ""] = key.split(" ");
  return { method, url };
};

/** Whether two requests are for the same thing: one origin, and either the same path or the same resource name. */
export const isSameThing = (a: Scope, b: Scope): boolean =>
  a.key === b.key || (a.origin === b.origin && a.resource !== undefined && a.resource === b.resource);

/** The same, also for requests that were redirected to different things from one original request. */
export const isSameWish = (a: Scope, b: Scope): boolean =>
  isSameThing(a, b) || (a.via !== undefined && a.via === b.via);

/** What a payment buys, and its price. */
export interface Deal {
  paymentHash: string;
  token: string;
  /** The old name of the scheme, if the seller knows no other. */
  scheme?: "LSAT" | undefined;
  scope: Scope;
  amountMsat: number;
  /** The end of the token's validity, in Unix milliseconds. Absent if the seller did not say. */
  validUntil?: number | undefined;
}

/** A payment that the client decided to make, and whose outcome is not known yet. */
export interface PendingPayment extends Deal {
  bolt11: string;
  maxFeeMsat: number;
  /** The time from which the invoice can no longer be paid, in Unix milliseconds. */
  invoiceExpiresAt: number;
  /** The client that sends the payment. */
  owner: string;
  /** The owner may be busy with the payment until this time, unless its process died; Unix milliseconds. */
  until: number;
  /** The name of the wallet that sends the payment. */
  wallet: string;
  /** How often the token can be used, as the seller said. Absent if the seller did not say, or if there is no limit. */
  uses?: number | undefined;
}

/**
 * The state of a credential that its seller has not accepted yet:
 *
 * - `sent`: the request that paid for it may have used it up. Its answer was lost, or has not arrived yet.
 * - `unserved`: no request has been served for it.
 * - `refused`: the seller refused it to the very request that paid for it.
 */
export type Unaccepted = "sent" | "unserved" | "refused";

/** The credential that a payment bought. */
export interface StoredCredential extends Deal {
  preimage: string;
  feeMsat: number;
  /** 0 if the seller says that other requests have used it up. It is there again if one of them fails. */
  usesLeft?: number | undefined;
  /** How many requests that were sent with it have failed. */
  failed?: number | undefined;
  /** Absent once the seller has accepted the credential. Until then it is kept, even if the seller refuses it. */
  unaccepted?: Unaccepted | undefined;
  /** The client that paid for the credential. */
  owner?: string | undefined;
  /** Until this time (Unix milliseconds) only that client sends the credential. */
  heldUntil?: number | undefined;
  /** True if the answer to the previous credential was lost. The client then believes no loss of this one. */
  afterLoss?: boolean | undefined;
}

/** Whether the token of a credential has not expired, as far as the seller said when. */
export const isValid = ({ validUntil }: StoredCredential, now: number) => validUntil === undefined || now < validUntil;

/** What a user is told of the payment that bought a credential. */
export const paymentFor = ({ paymentHash, scope, amountMsat, feeMsat }: StoredCredential): L402Payment => {
  const { origin, resource } = scope;
  return { paymentHash, origin, resource, amountMsat, feeMsat };
};

export const emptyState = (): ClientState => ({
  version: 1,
  credentials: {},
  pending: {},
  gone: [],
  unproven: {},
  spent: { totalMsat: 0, originsMsat: {}, minutesMsat: {} },
});
