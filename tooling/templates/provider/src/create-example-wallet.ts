import type { LightningWallet } from "@l402/core";
import { createExampleBackend, type ExampleOptions } from "./example-backend.ts";

/** Pays with Example. */
export function createExampleWallet(options: ExampleOptions): LightningWallet {
  const backend = createExampleBackend("createExampleWallet", options);
  return {
    name: "example",

    async payInvoice() {
      throw new Error(
        `payInvoice is not written yet: pay with ${backend.name} inside payOnce; failed only when it is certain.`,
      );
    },

    async lookupPayment() {
      throw new Error(`lookupPayment is not written yet: ask ${backend.name} for the outgoing payment with that hash.`);
    },
  };
}
