import { formatAmount, parseAmount } from "./amount.ts";
import { invalidField } from "./invalid-field.ts";
import { InvoiceMalformedError } from "./invoice-malformed-error.ts";

/** The network on which an invoice is to be paid. `testnet` stands for testnet 3 and 4, which share a prefix. */
export type Network = "bitcoin" | "testnet" | "signet" | "regtest" | "simnet";

/** Parses a prefix such as `lnbc2500u` into its network and amount. */
export function parseHumanReadablePart(prefix: string): { network: Network; amountMsat: bigint | undefined } {
  const end = prefix.search(/\d|$/);
  const network = NETWORK_OF_PREFIX.get(prefix.slice(0, end));
  if (network === undefined) throw new InvoiceMalformedError("The invoice is for an unknown network.");
  return { network, amountMsat: end === prefix.length ? undefined : parseAmount(prefix.slice(end)) };
}

/** Writes the prefix of an invoice, with the amount in its shortest form. */
export function formatHumanReadablePart(network: Network, amountMsat: bigint | undefined): string {
  for (const [prefix, name] of NETWORK_OF_PREFIX) {
    if (name === network) return amountMsat === undefined ? prefix : prefix + formatAmount(amountMsat);
  }
  throw invalidField("network is not one of the type Network.");
}

const NETWORK_OF_PREFIX: ReadonlyMap<string, Network> = new Map([
  ["lnbc", "bitcoin"],
  ["lntb", "testnet"],
  ["lntbs", "signet"],
  ["lnbcrt", "regtest"],
  ["lnsb", "simnet"],
]);

export const NETWORKS: readonly Network[] = /* @__PURE__ */ Array.from(NETWORK_OF_PREFIX.values());
