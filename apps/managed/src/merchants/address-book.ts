import { isL402Error, type LightningProvider } from "@l402/core";
import { createLnurl } from "@l402/lnurl";
import { addressFailure } from "../failure-text.ts";
import { problem } from "../problem.ts";
import type { Settings } from "../settings.ts";
import { rangeIn, type SendableRange } from "./sendable-range.ts";

export type AddressBook = ReturnType<typeof createAddressBook>;

const MAX_REMEMBERED = 1_000;
/** What an address is asked for to see whether it gives invoices. */
const PROBE_MSAT = 1_000_000;
const TIMEOUT_SECONDS = 8;

/**
 * The services behind Lightning Addresses, as strangers.
 *
 * SECURITY: `@l402/lnurl` keeps requests on the public internet, follows no redirect, bounds time and size, and checks the
 * amount and the description's hash of every invoice (hostile-addresses.test.ts).
 */
export function createAddressBook({ allowPrivateHosts, clock }: Settings) {
  const remembered = new Map<string, LightningProvider>();

  function open(address: string, direct: boolean): LightningProvider {
    const key = `${direct ? "direct " : ""}${address}`;
    const known = remembered.get(key);
    if (known) return known;
    const options = { address, allowPrivateHosts, clock, timeoutSeconds: TIMEOUT_SECONDS };
    const made = createLnurl({ ...options, preimageProvesPayment: !direct });
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(key, made);
    return made;
  }

  /** Asks for an invoice that nobody will pay. */
  async function probe(address: string, direct: boolean, amountMsat = PROBE_MSAT): Promise<SendableRange | undefined> {
    const order = { amountMsat, description: "", expiresInSeconds: 60 };
    try {
      await open(address, direct).createInvoice(order);
      return undefined;
    } catch (error) {
      const range = rangeIn(error);
      if (range) return range;
      if (!isL402Error(error)) throw error;
      throw problem("ADDRESS_INVALID", `The service got no invoice from ${address}. ${addressFailure(error)}`);
    }
  }

  return {
    /** The address in lower case. Throws ADDRESS_INVALID for what is none, or leads inside. */
    check(text: string): string {
      const address = text.trim().toLowerCase();
      try {
        open(address, false);
        return address;
      } catch (error) {
        if (!isL402Error(error)) throw error;
        throw problem(
          "ADDRESS_INVALID",
          "lightningAddress must be a Lightning Address such as you@example.com, on a public host.",
        );
      }
    },
    /** Whether an address gives invoices at all, and, where it tells, for which amounts. */
    probe: (address: string, amountMsat?: number) => probe(address, false, amountMsat),
    /** The same, for one that confirms payments as well (LUD-21). */
    probeDirect: (address: string) => probe(address, true),
    /** Invoices for payouts to the address. */
    payee: (address: string) => open(address, false),
    /** The address as a provider: it makes a merchant's invoices, and confirms their payments. */
    direct: (address: string) => open(address, true),
  };
}
