import { summarizeInvoice } from "@l402/bolt11";
import { L402Error, type LightningWallet, type PaymentResult } from "@l402/core";

/** The part of WebLN that the client needs. A browser wallet such as the Alby extension sets `window.webln`. */
export interface WebLN {
  enable(): Promise<unknown>;
  sendPayment(bolt11: string): Promise<{
    /** Required by WebLN, but some wallets leave it out. */
    preimage?: string;
    /** Some wallets tell the fee, in sats. */
    route?: { total_fees?: number };
  }>;
}

/**
 * Pays with the wallet of a browser. WebLN has no fee limit: if the wallet does not tell the fee, the payment counts
 * with the highest fee it may cost. WebLN cannot look up a payment either: a payment of another tab or before a reload
 * stays unknown, and so does one that was declined in the wallet's window. Use the option `approve` to ask a person
 * before anything is paid.
 */
export function walletFromWebLN(webln: WebLN): LightningWallet {
  /** Results by payment hash. A running payment counts as unknown. */
  const known = new Map<string, PaymentResult>();

  async function send(bolt11: string, maxFeeMsat: number): Promise<PaymentResult> {
    try {
      const { preimage = "", route } = await webln.sendPayment(bolt11);
      const fees = route?.total_fees;
      // SECURITY: many wallets say 0 if they do not know the fee (wallet-from-webln.test.ts, "counts for as much").
      const feeMsat = typeof fees === "number" && fees > 0 ? Math.ceil(fees * 1000) : maxFeeMsat;
      return { status: "paid", preimage: preimage.toLowerCase(), feeMsat };
    } catch {
      // SECURITY: the user may approve and then close the wallet's window, and the wallet still pays
      // (wallet-from-webln.test.ts, "may have paid").
      return UNKNOWN;
    }
  }

  return {
    name: "webln",
    async payInvoice({ bolt11, maxFeeMsat, signal }) {
      const { paymentHash } = summarizeInvoice(bolt11);
      const earlier = known.get(paymentHash);
      if (earlier && earlier.status !== "failed") return earlier;
      if (signal?.aborted) return { status: "failed", reason: "The caller gave up before the payment was sent." };
      known.set(paymentHash, UNKNOWN);
      try {
        await webln.enable();
      } catch {
        known.delete(paymentHash);
        throw new L402Error("PROVIDER_UNAUTHORIZED", "The browser's wallet was not enabled, so nothing was paid.");
      }
      const result = await send(bolt11, maxFeeMsat);
      known.set(paymentHash, result);
      return result;
    },
    lookupPayment: async (paymentHash) =>
      known.get(paymentHash) ?? { status: "unknown", reason: "WebLN cannot look up payments." },
  };
}

const UNKNOWN: PaymentResult = { status: "unknown", reason: "The browser's wallet did not finish the payment." };
