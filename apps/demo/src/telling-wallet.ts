import { decodeInvoice } from "@l402/bolt11";
import type { LightningWallet } from "@l402/core";
import type { Step } from "./story.ts";

/** The same wallet, which tells every payment that it has made. */
export function tellingWallet(wallet: LightningWallet, tell: (step: Step) => void): LightningWallet {
  return {
    name: wallet.name,
    async payInvoice(order) {
      const start = performance.now();
      const payment = await wallet.payInvoice(order);
      if (payment.status !== "paid") return payment;
      const ms = Math.round(performance.now() - start);
      // What counts is what the invoice says, not what the server says about it.
      const sats = Number(decodeInvoice(order.bolt11).amountMsat ?? 0n) / 1000;
      tell({ step: "paid", sats, feeSats: payment.feeMsat / 1000, ms, proof: payment.preimage.slice(0, 8) });
      return payment;
    },
    lookupPayment: (paymentHash, options) => wallet.lookupPayment(paymentHash, options),
  };
}
