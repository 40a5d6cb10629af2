import type { LightningProvider } from "@l402/core";
import { createExampleBackend, type ExampleOptions } from "./example-backend.ts";

/** Receives payments with Example. */
export function createExample(options: ExampleOptions): LightningProvider {
  const backend = createExampleBackend("createExample", options);
  return {
    name: "example",
    // False if others than the payer can learn a preimage before the payment.
    preimageProvesPayment: true,

    async createInvoice() {
      throw new Error(
        `createInvoice is not written yet: ask ${backend.name} for exactly amountMsat, then checkedInvoice.`,
      );
    },

    async lookupInvoice() {
      throw new Error(`lookupInvoice is not written yet: ask ${backend.name}; no preimage before it is settled.`);
    },
  };
}
