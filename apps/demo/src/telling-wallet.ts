import { type DecodedInvoice, decodeInvoice } from "@l402/bolt11";
import type { LightningWallet } from "@l402/core";
import type { Step } from "./story.ts";

/** What counts is what the invoice says, not what the server says about it. */
export const satsOf = ({ amountMsat = 0n }: Pick<DecodedInvoice, "amountMsat">): number => Number(amountMsat) / 1000;

/** The same wallet, which tells every payment that it has made. */
export function tellingWallet(wallet: LightningWallet, tell: (step: Step) => void): LightningWallet {
  return {
    name: wallet.name,
    async payInvoice(order) {
      const start = performance.now();
      const payment = await wallet.payInvoice(order);
      if (payment.status !== "paid") return payment;
      const ms = Math.round(performance.now() - start);
      const sats = satsOf(decodeInvoice(order.bolt11));
      tell({ step: "paid", sats, feeSats: payment.feeMsat / 1000, ms, proof: payment.preimage.slice(0, 8) });
      return payment;
    },
    lookupPayment: (paymentHash, options) => wallet.lookupPayment(paymentHash, options),
  };
}
