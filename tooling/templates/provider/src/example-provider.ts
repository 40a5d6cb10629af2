import type { LightningProvider } from "@l402/core";
import { checkExampleOptions, type ExampleOptions } from "./example-options.ts";

/** Receives payments with Example. */
export function createExample(options: ExampleOptions): LightningProvider {
  checkExampleOptions(options);
  return {
    name: "example",
    // False where somebody else than the payer can learn a preimage before the payment.
    preimageProvesPayment: true,

    async createInvoice() {
      throw new Error("createInvoice is not written yet: ask the API for an invoice of exactly amountMsat.");
    },

    async lookupInvoice() {
      throw new Error("lookupInvoice is not written yet: look the payment hash up; no preimage before it is settled.");
    },
  };
}
