import { type Challenge, clientError, decodeInvoice, type Network, paymentHashOf } from "@l402/core";
import type { Offers } from "./read-offers.ts";

/** An invoice that is sound, and what it would buy. */
export interface SoundOffer {
  token: string;
  bolt11: string;
  paymentHash: string;
  /** What the invoice itself says. */
  amountMsat: number;
  expiresAt: Date;
  description: string | undefined;
}

interface Rules {
  network: Network;
  now: Date;
  /** The user's own check; throws to refuse. */
  checkInvoice: ((invoice: { bolt11: string }) => Promise<void> | void) | undefined;
}

/** Not worth beginning a payment that may not arrive in time. */
const EXPIRY_MARGIN_MS = 5_000;

/** The cheapest sound offer. Throws what is wrong with the first where none is sound. */
export async function chooseOffer({ challenges }: Offers, rules: Rules): Promise<SoundOffer> {
  const sound: SoundOffer[] = [];
  let problem: unknown;
  for (const challenge of challenges) {
    try {
      sound.push(await checkOffer(challenge, rules));
    } catch (error) {
      problem ??= error;
    }
  }
  const [first, ...others] = sound;
  if (!first) throw problem;
  return others.reduce((best, offer) => (offer.amountMsat < best.amountMsat ? offer : best), first);
}

/**
 * SECURITY: what is paid is what the BOLT11 says; no price in a header or body is looked at (client.hostile.test.ts,
 * "lying price").
 */
async function checkOffer(
  { token, invoice: bolt11 }: Challenge,
  { network, now, checkInvoice }: Rules,
): Promise<SoundOffer> {
  if (!/^[!-9;-~]{1,8192}$/.test(token)) {
    throw clientError("CHALLENGE_MALFORMED", "The token cannot be sent back in a header.");
  }
  const invoice = decode(bolt11);
  const { paymentHash, expiresAt, description } = invoice;
  if (invoice.network !== network) {
    throw clientError("NETWORK_MISMATCH", `The invoice is for ${invoice.network}, the client for ${network}.`);
  }
  if (!invoice.amountMsat) throw clientError("AMOUNT_MISSING");
  if (expiresAt.getTime() <= now.getTime() + EXPIRY_MARGIN_MS) throw clientError("INVOICE_EXPIRED");
  const tokenHash = paymentHashOf(token);
  if (tokenHash !== undefined && tokenHash !== paymentHash) {
    throw clientError("INVOICE_MISMATCH", "The token is for another payment than the invoice.");
  }
  await checkInvoice?.({ bolt11 });
  if (invoice.amountMsat > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw clientError("BUDGET_EXCEEDED", "The invoice is for more bitcoin than any budget.");
  }
  return { token, bolt11, paymentHash, amountMsat: Number(invoice.amountMsat), expiresAt, description };
}

function decode(bolt11: string) {
  try {
    return decodeInvoice(bolt11);
  } catch {
    throw clientError("INVOICE_MALFORMED");
  }
}
