import type { Network } from "@l402/bolt11";
import { type Clock, type LightningProvider, type LightningWallet, refuseUnknownOptions } from "@l402/core";
import { createFakeProvider } from "./lightning/fake-provider.ts";
import { createFakeWallet } from "./lightning/fake-wallet.ts";
import { createFaults, type FakeCall, type FaultOf } from "./lightning/faults.ts";
import { createLedger, type FakeInvoice, type FakePayment } from "./lightning/ledger.ts";

export interface FakeLightningOptions {
  /** Default: the system's clock. Give the same clock to the paywall and the client. */
  clock?: Clock | undefined;
  /** Default "regtest". */
  network?: Network | undefined;
  /** The money in the wallet. Default 1 000 000 sats. */
  balanceMsat?: number | undefined;
  /** The fee of every payment. Default 0. */
  feeMsat?: number | undefined;
  /** Default true. With `false`, a paywall looks payments up. */
  preimageProvesPayment?: boolean | undefined;
}

const NAMES = [
  "clock",
  "network",
  "balanceMsat",
  "feeMsat",
  "preimageProvesPayment",
] as const satisfies readonly (keyof FakeLightningOptions)[];

/** A Lightning node in memory: real, signed invoices and no money. */
export interface FakeLightning {
  /** The seller's side: give it to `createPaywall`. */
  readonly provider: LightningProvider;
  /** The buyer's side: give it to the client. It can pay the invoices of `provider`. */
  readonly wallet: LightningWallet;

  /**
   * Pays an invoice from another wallet, or lets a stuck payment arrive. Returns the preimage. With `receivedMsat`, the
   * node reports that this amount arrived, instead of the amount of the invoice.
   */
  settle(paymentHash: string, receivedMsat?: number): string;
  /** Cancels an invoice, and lets a stuck payment to it fail. */
  cancel(paymentHash: string): void;

  /** Makes the next call fail in this way; several faults queue up. */
  next<Call extends FakeCall>(call: Call, fault: FaultOf[Call]): void;
  /** Makes every call fail in this way. */
  always<Call extends FakeCall>(call: Call, fault: FaultOf[Call]): void;
  /** Ends all faults. */
  heal(): void;

  /** Every invoice that was created, the oldest first. */
  readonly invoices: readonly FakeInvoice[];
  /** Every payment that the wallet tried, one per payment hash, the oldest first. */
  readonly payments: readonly FakePayment[];
  /** The number of calls of each kind. */
  readonly calls: Readonly<Record<FakeCall, number>>;
  /** The money that is left in the wallet. */
  readonly balanceMsat: number;
}

/** Starts a Lightning node in memory. Its wallet can pay the invoices of its provider. */
export function fakeLightning(options: FakeLightningOptions = {}): FakeLightning {
  refuseUnknownOptions("fakeLightning", options, NAMES);
  const { clock = () => new Date(), network = "regtest", balanceMsat = 1_000_000_000, feeMsat = 0 } = options;
  const ledger = createLedger(clock, balanceMsat);
  const faults = createFaults();
  const calls = { createInvoice: 0, lookupInvoice: 0, payInvoice: 0, lookupPayment: 0 };
  const parts = {
    ledger,
    faults,
    clock,
    network,
    feeMsat,
    preimageProvesPayment: options.preimageProvesPayment ?? true,
    count: (call: FakeCall) => void calls[call]++,
  };
  return {
    provider: createFakeProvider(parts),
    wallet: createFakeWallet(parts),
    settle: ledger.settle,
    cancel: ledger.cancel,
    next: faults.next,
    always: faults.always,
    heal: faults.heal,
    get invoices() {
      return Array.from(ledger.invoices.values(), (invoice) => ({
        ...invoice.given,
        description: invoice.description,
        status: ledger.stateOf(invoice).status,
        ...(invoice.receivedMsat !== undefined && { receivedMsat: invoice.receivedMsat }),
      }));
    },
    get payments() {
      return Array.from(ledger.payments.values(), (payment) => ({ ...payment }));
    },
    get calls() {
      return { ...calls };
    },
    get balanceMsat() {
      return ledger.balanceMsat;
    },
  };
}
