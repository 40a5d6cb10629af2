import { summarizeInvoice } from "@l402/bolt11";
import { L402Error, type LightningWallet, type PaymentResult } from "@l402/core";

/** The part of WebLN that is needed: a browser wallet such as the Alby extension sets `window.webln`. */
export interface WebLN {
  enable(): Promise<unknown>;
  sendPayment(bolt11: string): Promise<{
    /** Not every wallet keeps to it. */
    preimage?: string;
    /** Some wallets say what it cost, in sats. */
    route?: { total_fees?: number };
  }>;
}

/**
 * Pays with the wallet of a browser. WebLN has no fee limit, so that a payment counts for as much as it may cost where the
 * wallet does not say; and it cannot look a payment up: what happened in another tab or before a reload stays unknown, and so
 * does what was declined in the wallet's window. To ask a person, and pay nothing where they say no, there is `approve`.
 */
export function walletFromWebLN(webln: WebLN): LightningWallet {
  /** By payment hash; what is under way counts as unknown. */
  const known = new Map<string, PaymentResult>();

  async function send(bolt11: string, maxFeeMsat: number): Promise<PaymentResult> {
    try {
      const { preimage = "", route } = await webln.sendPayment(bolt11);
      const fees = route?.total_fees;
      // SECURITY: 0 is what many wallets say who do not know it (wallet-from-webln.test.ts, "counts for as much").
      const feeMsat = typeof fees === "number" && fees > 0 ? Math.ceil(fees * 1000) : maxFeeMsat;
      return { status: "paid", preimage: preimage.toLowerCase(), feeMsat };
    } catch {
      // SECURITY: whoever closes the wallet's window may have said yes before, and it goes on paying behind it
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
      if (signal?.aborted) return { status: "failed", reason: "The caller gave up before anything was sent." };
      known.set(paymentHash, UNKNOWN);
      try {
        await webln.enable();
      } catch {
        known.delete(paymentHash);
        throw new L402Error("PROVIDER_UNAUTHORIZED", "The browser's wallet was not enabled.");
      }
      const result = await send(bolt11, maxFeeMsat);
      known.set(paymentHash, result);
      return result;
    },
    lookupPayment: async (paymentHash) =>
      known.get(paymentHash) ?? { status: "unknown", reason: "WebLN cannot look payments up." },
  };
}

const UNKNOWN: PaymentResult = { status: "unknown", reason: "The browser's wallet did not finish the payment." };
