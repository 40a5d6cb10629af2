import { verifyInvoice } from "@l402/bolt11/signature";
import { type DecodedInvoice, decodeInvoice, type LightningProvider } from "@l402/core";
import { problem } from "../problem.ts";
import type { Settings } from "../settings.ts";

export interface PayeeInvoice {
  bolt11: string;
  paymentHash: string;
  amountMsat: number;
  expiresAt: Date;
}

/** Asks an address for an invoice, and refuses what is not to be paid. */
export async function payeeInvoice(settings: Settings, payee: LightningProvider, amountMsat: number) {
  const order = { amountMsat, description: "", expiresInSeconds: 600 };
  const { bolt11 } = await payee.createInvoice(order);
  return checkPayable(settings, bolt11, amountMsat);
}

/**
 * SECURITY: whoever names an invoice names what leaves the node: its amount, its network, how long it is good for, and
 * that it is none of ours (payable-invoices.test.ts).
 */
export async function checkPayable(settings: Settings, bolt11: string, amountMsat?: number): Promise<PayeeInvoice> {
  const refused = (text: string) => problem("INVOICE_INVALID", text);
  let invoice: DecodedInvoice;
  let payee: string;
  try {
    invoice = decodeInvoice(bolt11);
    payee = verifyInvoice(bolt11).payee;
  } catch {
    throw refused("bolt11 is not a valid BOLT11 invoice.");
  }
  const { network, paymentHash, expiresAt } = invoice;
  const asked = Number(invoice.amountMsat ?? 0n);
  if (network !== settings.network)
    throw refused(`The invoice is for the network ${network}, but this service uses ${settings.network}.`);
  if (!Number.isSafeInteger(asked) || asked < 1)
    throw refused("The invoice has no amount, or an amount that cannot be paid.");
  if (amountMsat !== undefined && asked !== amountMsat)
    throw refused("The invoice is for another amount than requested.");
  if (settings.clock().getTime() + LEAST_TIME_MS > expiresAt.getTime())
    throw refused("The invoice has expired, or expires too soon to be paid.");
  if (payee === settings.nodeId || (await isOurs(settings, paymentHash))) {
    throw refused("The invoice was created by this service itself. Use an invoice of another wallet.");
  }
  // The wallet gets what was checked, and not the text that it was in.
  return { bolt11: invoice.bolt11, paymentHash, amountMsat: asked, expiresAt };
}

const LEAST_TIME_MS = 10_000;

/** Of direct sales, the invoices are others'; whoever knows a payment hash can name it in one. */
async function isOurs({ database }: Settings, paymentHash: string): Promise<boolean> {
  const own = await database.query("select 1 from managed.invoices where payment_hash = $1 and kind <> 'direct'", [
    paymentHash,
  ]);
  return own.length > 0;
}
