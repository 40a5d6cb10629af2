import { decodeInvoice } from "@l402/core";
import type {
  Bolt11Invoice,
  RecipientOnionFields,
  RouteParameters,
  ThreeTuple_ThirtyTwoBytesRecipientOnionFieldsRouteParametersZ,
} from "lightningdevkit";
import { hexOf, someOf, unwrap } from "./ldk-values.ts";
import type { Ldk } from "./load-ldk.ts";

/** An invoice that can be paid, unless it has expired. */
export interface PayableInvoice {
  paymentHash: string;
  amountMsat: number;
  expiresAt: Date;
  onion: RecipientOnionFields;
  route: RouteParameters;
}

/** The longest invoice that this version of LDK reads. Later versions read longer ones. */
const LONGEST = 1023;

/** Reads a BOLT11 text, also of a link. Returns a reason if this network cannot pay it. */
export function readInvoice(ldk: Ldk, text: string): PayableInvoice | string {
  const bolt11 = bolt11In(text);
  if (bolt11 && bolt11.length > LONGEST)
    return `LDK reads no invoice of more than ${LONGEST} characters; use a shorter description`;
  const parsed = ldk.Bolt11Invoice.constructor_from_str(bolt11 ?? "");
  if (!parsed.is_ok()) return "this is not a valid BOLT11 invoice";
  const invoice = unwrap<Bolt11Invoice>(parsed, "reading an invoice");
  if (invoice.currency() !== ldk.Currency.LDKCurrency_Regtest) return "the invoice is for another network";
  const amountMsat = someOf<bigint>(invoice.amount_milli_satoshis());
  if (amountMsat === undefined || amountMsat === 0n) return "the invoice names no amount";
  if (amountMsat > BigInt(Number.MAX_SAFE_INTEGER)) return "the amount is larger than all the money there is";

  const read = ldk.UtilMethods.constructor_payment_parameters_from_invoice(invoice);
  const parameters = unwrap<ThreeTuple_ThirtyTwoBytesRecipientOnionFieldsRouteParametersZ>(read, "reading an invoice");
  return {
    paymentHash: hexOf(parameters.get_a()),
    amountMsat: Number(amountMsat),
    expiresAt: new Date(Number(invoice.duration_since_epoch() + invoice.expiry_time()) * 1000),
    onion: parameters.get_b(),
    route: parameters.get_c(),
  };
}

function bolt11In(text: string): string | undefined {
  try {
    return decodeInvoice(text).bolt11;
  } catch {
    return undefined;
  }
}
