import type { InvoiceSummary } from "./invoice-summary.ts";

/**
 * An invoice as `decodeInvoice` returns it. Absent fields are `undefined`. All of it is text from a stranger: escape
 * the description before you show it.
 */
export interface DecodedInvoice extends InvoiceSummary {
  /** 64 hex digits. */
  readonly paymentSecret: string;
  /** The description. An invoice has either this or `descriptionHash`. */
  readonly description: string | undefined;
  /** The SHA-256, as 64 hex digits, of a description that the payer receives another way. */
  readonly descriptionHash: string | undefined;
  /** The payee's public key, if the invoice names it; `verifyInvoice` finds it for every invoice. */
  readonly payee: string | undefined;
  /** Hex. */
  readonly metadata: string | undefined;
  readonly minFinalCltvExpiryDelta: number;
  /** The most preferred first. */
  readonly fallbackAddresses: readonly FallbackAddress[];
  /** Private routes to the payee, each a list of hops. */
  readonly routeHints: readonly (readonly RouteHintHop[])[];
  /** The bits that are set, in ascending order. */
  readonly featureBits: readonly number[];
  /** R and S, as 128 hex digits. Decoding does not verify the signature; `verifyInvoice` does. */
  readonly signature: string;
  /** 0 to 3. */
  readonly recoveryId: number;
}

/** A Bitcoin address to use if no Lightning payment succeeds. */
export interface FallbackAddress {
  /** The witness version, or 17 for a public key hash, or 18 for a script hash. */
  readonly version: number;
  /** The witness program or hash, in hex. */
  readonly program: string;
}

/** One channel of a private route, seen from the node that forwards into it. */
export interface RouteHintHop {
  /** The public key of the node at the start of the channel, as 66 hex digits. */
  readonly pubkey: string;
  /** Block, transaction and output of the channel, such as `589390x3312x1`. */
  readonly shortChannelId: string;
  readonly feeBaseMsat: number;
  readonly feeProportionalMillionths: number;
  readonly cltvExpiryDelta: number;
}
