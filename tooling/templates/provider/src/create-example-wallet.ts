import { createWallet } from "@l402/backend";
import { L402Error, type LightningWallet } from "@l402/core";
import { createExampleBackend, type ExampleOptions } from "./example-backend.ts";

/** Pays with Example. */
export function createExampleWallet(options: ExampleOptions): LightningWallet {
  const backend = createExampleBackend("createExampleWallet", options);
  return createWallet({
    name: "example",
    label: "Example",
    // Add feeReserveMsat if Example has no fee limit of its own.

    async send() {
      throw new L402Error(
        "PROVIDER_BAD_RESPONSE",
        `send is not written yet: ask ${backend.name} to pay bolt11, and say whether that attempt is over.`,
        { fundsMoved: "maybe" },
      );
    },

    async find() {
      throw new Error(`find is not written yet: ask ${backend.name} for the outgoing payment with that hash.`);
    },
  });
}
