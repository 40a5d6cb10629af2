import type { LightningWallet } from "@l402/core";
import { checkExampleOptions, type ExampleOptions } from "./example-options.ts";

/** Pays with Example. */
export function createExampleWallet(options: ExampleOptions): LightningWallet {
  checkExampleOptions(options);
  return {
    name: "example",

    async payInvoice() {
      throw new Error(
        "payInvoice is not written yet: pay, and answer failed only when it is certain that no money moved.",
      );
    },

    async lookupPayment() {
      throw new Error("lookupPayment is not written yet: look the payment hash up among the outgoing payments.");
    },
  };
}
