import { decodeInvoice, isPreimageOf, L402Error, type LightningWallet, type PaymentResult } from "@l402/core";

/** The part of WebLN that is needed: a browser wallet such as the Alby extension sets `window.webln`. */
export interface WebLN {
  enable(): Promise<unknown>;
  sendPayment(bolt11: string): Promise<{ preimage: string }>;
}

/**
 * Pays with the wallet of a browser. WebLN has no fee limit and cannot look a payment up: what happened in another tab or
 * before a reload stays unknown.
 */
export function walletFromWebLN(webln: WebLN): LightningWallet {
  const paid = new Map<string, PaymentResult>();

  return {
    name: "webln",
    async payInvoice({ bolt11, signal }) {
      const { paymentHash } = decodeInvoice(bolt11);
      const earlier = paid.get(paymentHash);
      if (earlier) return earlier;
      if (signal?.aborted) return { status: "failed", reason: "The caller gave up before anything was sent." };
      try {
        await webln.enable();
      } catch {
        throw new L402Error("PROVIDER_UNAUTHORIZED", "The browser's wallet was not enabled.");
      }
      let result: PaymentResult = { status: "unknown", reason: "The browser's wallet did not finish the payment." };
      paid.set(paymentHash, result);
      try {
        const { preimage } = await webln.sendPayment(bolt11);
        // WebLN says nothing of fees.
        if (isPreimageOf(preimage, paymentHash))
          result = { status: "paid", preimage: preimage.toLowerCase(), feeMsat: 0 };
        paid.set(paymentHash, result);
      } catch (error) {
        // Only this is certain: the person closed the dialog.
        if (/user (rejected|cancell?ed)|prompt was closed/i.test(String((error as Error)?.message))) {
          paid.delete(paymentHash);
          return { status: "failed", reason: "The payment was declined in the browser's wallet." };
        }
      }
      return result;
    },
    lookupPayment: async (paymentHash) =>
      paid.get(paymentHash) ?? { status: "unknown", reason: "WebLN cannot look payments up." },
  };
}
