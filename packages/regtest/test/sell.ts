import type { Invoice, PaymentResult } from "@l402/core";
import type { RegtestNode } from "../src/index.ts";

export const ORDER = { amountMsat: 21_000, description: "One cup of tea", expiresInSeconds: 600 };
export const MAX_FEE_MSAT = 10_000;

/** An invoice of a node. */
export const invoiceOf = ({ provider }: RegtestNode, amountMsat = ORDER.amountMsat): Promise<Invoice> =>
  provider.createInvoice({ ...ORDER, amountMsat });

/** Lets one node pay an invoice of another one. */
export async function sell(seller: RegtestNode, buyer: RegtestNode, amountMsat?: number): Promise<PaymentResult> {
  const { bolt11 } = await invoiceOf(seller, amountMsat);
  return buyer.wallet.payInvoice({ bolt11, maxFeeMsat: MAX_FEE_MSAT });
}

export const sumOf = (amounts: readonly number[]): number => amounts.reduce((sum, amount) => sum + amount, 0);
