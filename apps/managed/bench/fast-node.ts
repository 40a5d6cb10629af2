import { createHash, randomBytes } from "node:crypto";
import { encodeInvoice } from "@l402/bolt11";
import type { LightningProvider, LightningWallet } from "@l402/core";

/** A node that costs nearly nothing: its invoices have no true signature, which nobody here checks. */
export function fastNode() {
  const settled = new Set<string>();
  let receivedMsat = 0;
  const amounts = new Map<string, number>();
  const signature = "01".repeat(64);
  const provider: LightningProvider = {
    name: "fast",
    preimageProvesPayment: true,
    async createInvoice({ amountMsat, description, expiresInSeconds }) {
      const paymentHash = createHash("sha256").update(randomBytes(32)).digest("hex");
      const timestamp = new Date();
      const expiresAt = new Date(timestamp.getTime() + expiresInSeconds * 1000);
      const fields = { network: "regtest", amountMsat: BigInt(amountMsat), description, paymentHash } as const;
      const bolt11 = encodeInvoice({ ...fields, paymentSecret: paymentHash, timestamp, expiresAt }).withSignature({
        signature,
        recoveryId: 0,
      });
      amounts.set(paymentHash, amountMsat);
      return { bolt11, paymentHash, amountMsat, expiresAt };
    },
    lookupInvoice: async ({ paymentHash }) => (settled.has(paymentHash) ? { status: "settled" } : { status: "open" }),
  };
  const wallet: LightningWallet = {
    name: "fast",
    payInvoice: async () => ({ status: "failed", reason: "It only receives." }),
    lookupPayment: async () => ({ status: "not-found" }),
  };
  return {
    provider,
    wallet,
    pay(paymentHash: string): void {
      settled.add(paymentHash);
      receivedMsat += amounts.get(paymentHash) ?? 0;
    },
    nodeBalanceMsat: () => receivedMsat,
  };
}
