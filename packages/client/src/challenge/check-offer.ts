import { decodePayable } from "@l402/bolt11";
import { type Challenge, clientError, type Network, paymentHashOf } from "@l402/core";
import type { L402ClientOptions } from "../client-options.ts";

/** An invoice that passed all checks, and the token that it pays for. */
export interface Offer {
  token: string;
  bolt11: string;
  paymentHash: string;
  /** The amount in the invoice itself. */
  amountMsat: number;
  expiresAt: Date;
  description: string | undefined;
}

interface Rules {
  network: Network;
  /** Unix milliseconds. */
  now: number;
  origin: string;
  /** The user's own check. It throws to refuse the invoice. */
  checkInvoice: L402ClientOptions["checkInvoice"];
}

/** A payment needs this much time before the invoice expires, or it may arrive too late. */
const EXPIRY_MARGIN_MS = 5_000;

/** The cheapest sound offer. If there is none, throws the problem of the first offer. */
export async function chooseOffer(challenges: readonly Challenge[], rules: Rules): Promise<Offer> {
  let best: Offer | undefined;
  let problem: unknown;
  for (const challenge of challenges) {
    try {
      const offer = await checkOffer(challenge, rules);
      if (!best || offer.amountMsat < best.amountMsat) best = offer;
    } catch (error) {
      problem ??= error;
    }
  }
  if (!best) throw problem;
  return best;
}

/**
 * SECURITY: the client pays the amount in the BOLT11 invoice, and reads no price from a header or body
 * (client.hostile.test.ts, "lying price").
 */
async function checkOffer(
  { token, invoice: text }: Challenge,
  { network, now, origin, checkInvoice }: Rules,
): Promise<Offer> {
  if (!/^[!-9;-~]{1,8192}$/.test(token)) {
    throw clientError("CHALLENGE_MALFORMED", "The seller's token cannot be sent in a header.");
  }
  const invoice = decode(text);
  // The client pays the invoice as the decoder read it, and not as the seller spelled it.
  const { bolt11, paymentHash, expiresAt, description } = invoice;
  if (invoice.network !== network) {
    throw clientError("NETWORK_MISMATCH", `The invoice is for ${invoice.network}, and the client for ${network}.`);
  }
  if (!invoice.amountMsat) throw clientError("AMOUNT_MISSING");
  checkNotExpired(expiresAt, now);
  const tokenHash = paymentHashOf(token);
  if (tokenHash !== undefined && tokenHash !== paymentHash) {
    throw clientError("INVOICE_MISMATCH");
  }
  if (invoice.amountMsat > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw clientError("BUDGET_EXCEEDED", "The amount is above any limit.");
  }
  await checkInvoice?.({ origin, bolt11 });
  return { token, bolt11, paymentHash, amountMsat: Number(invoice.amountMsat), expiresAt, description };
}

export function checkNotExpired(expiresAt: Date, now: number): void {
  if (!(expiresAt.getTime() > now + EXPIRY_MARGIN_MS)) throw clientError("INVOICE_EXPIRED");
}

function decode(bolt11: string) {
  try {
    return decodePayable(bolt11);
  } catch {
    throw clientError("INVOICE_MALFORMED");
  }
}
