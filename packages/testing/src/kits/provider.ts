import type { Network } from "@l402/bolt11";
import type { Clock, Invoice, LightningProvider } from "@l402/core";
import { type KitCase, type KitSubject, type Repair, registerKit, type TestRunner } from "./kit.ts";
import { providerInvoiceCases } from "./provider/invoice-cases.ts";
import { providerLookupCases } from "./provider/lookup-cases.ts";
import { providerOutageCases } from "./provider/outage-cases.ts";
import { providerSaleCases } from "./provider/sale-cases.ts";

/** A Lightning provider to test. */
export interface ProviderSubject extends KitSubject {
  /** Called for every case. May return the same provider each time. */
  create(): LightningProvider | Promise<LightningProvider>;
  /** The network of its invoices. */
  network: Network;
  /** Pays an invoice of the provider from another wallet. Returns the preimage that the payer received. */
  settle(invoice: Invoice): Settlement | Promise<Settlement>;
  /** Lets an invoice of the provider expire. */
  expire?(invoice: Invoice): unknown;
  /** Makes every call to the backend fail until the returned function is called. */
  breakBackend?(provider: LightningProvider): Repair | Promise<Repair>;
  /** Makes the backend hang until the returned function is called. */
  hangBackend?(provider: LightningProvider): Repair | Promise<Repair>;
  /** The clock of the backend. Default: the system's clock. */
  clock?: Clock;
  /**
   * The highest time in seconds for an answer, and for noticing a payment. Default 3; keep it below the time limit of
   * your test runner.
   */
  patienceSeconds?: number;
  /** API keys and other secrets that no error may contain. */
  secrets?: readonly string[];
}

/** The preimage, or the result of a wallet. */
export type Settlement = string | { status: string; preimage?: string };

/** All requirements of the kit for a provider. */
export const providerCases: readonly KitCase<ProviderSubject>[] = [
  ...providerInvoiceCases,
  ...providerLookupCases,
  ...providerOutageCases,
  ...providerSaleCases,
];

/**
 * Registers the tests that every `LightningProvider` must pass: invoices match the order, and no preimage appears
 * before the payment.
 */
export function describeProvider(runner: TestRunner, subject: ProviderSubject): void {
  registerKit(runner, "Lightning provider", providerCases, subject);
}
