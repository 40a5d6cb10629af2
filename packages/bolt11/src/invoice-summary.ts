import type { Network } from "./human-readable-part.ts";
import { InvoiceMalformedError } from "./invoice-malformed-error.ts";
import type { OpenInvoice } from "./open-invoice.ts";

export const DEFAULT_EXPIRY_SECONDS = 3600;
/** The last second that a Date can hold, in the year 275760. */
const LAST_SECOND = 8.64e12;

/** The amount, the network, the payment hash and the expiry of an invoice. */
export interface InvoiceSummary {
  /**
   * The invoice itself, in lower case and without `lightning:`. Give this text to a wallet, because it is what was
   * checked.
   */
  readonly bolt11: string;
  readonly network: Network;
  /** `undefined` if the payer chooses the amount. */
  readonly amountMsat: bigint | undefined;
  /** 64 hex digits. */
  readonly paymentHash: string;
  readonly timestamp: Date;
  readonly expiresAt: Date;
}

/** The fields that a summary needs. Absent fields are `undefined`. */
export interface SummaryFields {
  paymentHash: string | undefined;
  expiresInSeconds: number | undefined;
}

export function summaryOf(
  { bolt11, network, amountMsat, timestamp }: OpenInvoice,
  { paymentHash, expiresInSeconds = DEFAULT_EXPIRY_SECONDS }: SummaryFields,
): InvoiceSummary {
  if (paymentHash === undefined) throw new InvoiceMalformedError("The invoice has no payment hash.");
  const expiresAt = timestamp + expiresInSeconds;
  if (expiresAt > LAST_SECOND) throw new InvoiceMalformedError("The invoice's expiry is out of range.");
  return {
    bolt11,
    network,
    amountMsat,
    paymentHash,
    timestamp: new Date(timestamp * 1000),
    expiresAt: new Date(expiresAt * 1000),
  };
}
