import type { Network } from "@l402/bolt11";
import { type Clock, type CreateInvoiceInput, type Invoice, L402Error, type LightningProvider } from "@l402/core";
import type { FakeCall, Faults, InvoiceLie } from "./faults.ts";
import { underFault } from "./faults.ts";
import { type Ledger, newPreimage } from "./ledger.ts";
import { signedBolt11 } from "./signed-bolt11.ts";

export interface FakeProviderParts {
  ledger: Ledger;
  faults: Faults;
  clock: Clock;
  network: Network;
  preimageProvesPayment: boolean;
  count(call: FakeCall): void;
}

/** The seller's side of the fake node. */
export function createFakeProvider(parts: FakeProviderParts): LightningProvider {
  const { ledger, faults, count } = parts;
  return {
    name: "fake",
    preimageProvesPayment: parts.preimageProvesPayment,
    async createInvoice(input) {
      count("createInvoice");
      const fault = faults.take("createInvoice");
      return underFault(fault, input.signal, () => bookInvoice(parts, input, fault as InvoiceLie | undefined));
    },
    async lookupInvoice({ paymentHash }, options) {
      count("lookupInvoice");
      const fault = faults.take("lookupInvoice");
      return underFault(fault, options?.signal, () => {
        const invoice = ledger.invoices.get(paymentHash);
        if (!invoice) throw rejected("no invoice has that payment hash");
        return fault === "still-open" ? { status: "open" as const } : ledger.stateOf(invoice);
      });
    },
  };
}

function bookInvoice(
  { ledger, clock, network }: FakeProviderParts,
  input: CreateInvoiceInput,
  lie?: InvoiceLie,
): Invoice {
  const { amountMsat, description, expiresInSeconds } = input;
  if (!isPositive(amountMsat)) throw rejected("the amount is not a whole number of millisatoshis from 1");
  if (!isPositive(expiresInSeconds)) throw rejected("the expiry is not a whole number of seconds from 1");
  if (Buffer.byteLength(description) > 639) throw rejected("the description is longer than 639 bytes");

  const { preimage, paymentHash } = newPreimage();
  const now = Math.floor(clock().getTime() / 1000);
  const timestamp = lie === "already-expired" ? now - expiresInSeconds - 1 : now;
  const expiresAt = new Date((timestamp + expiresInSeconds) * 1000);
  const bolt11 = signedBolt11({
    network: lie === "wrong-network" ? otherThan(network) : network,
    amountMsat: lie === "amountless" ? undefined : BigInt(lie === "wrong-amount" ? amountMsat * 10 : amountMsat),
    description,
    paymentHash,
    timestamp: new Date(timestamp * 1000),
    expiresAt,
  });
  const given: Invoice = {
    bolt11,
    paymentHash: lie === "wrong-hash" ? newPreimage().paymentHash : paymentHash,
    amountMsat,
    expiresAt: new Date((now + expiresInSeconds) * 1000),
  };
  ledger.invoices.set(paymentHash, { given, description, paymentHash, preimage, expiresAt, state: "open" });
  return { ...given };
}

const isPositive = (value: number) => Number.isSafeInteger(value) && value > 0;

const otherThan = (network: Network): Network => (network === "testnet" ? "regtest" : "testnet");

const rejected = (reason: string) => new L402Error("PROVIDER_REJECTED", `The fake Lightning node refused: ${reason}.`);
