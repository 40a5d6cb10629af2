import type { Network } from "@l402/bolt11";
import type { Clock, Invoice, LightningProvider } from "@l402/core";
import { type KitCase, type KitSubject, type Repair, registerKit, type TestRunner } from "./kit.ts";
import { providerInvoiceCases } from "./provider/invoice-cases.ts";
import { providerLookupCases } from "./provider/lookup-cases.ts";
import { providerOutageCases } from "./provider/outage-cases.ts";
import { providerSaleCases } from "./provider/sale-cases.ts";

/** A Lightning provider to test. */
export interface ProviderSubject extends KitSubject {
  /** Called for every case; may answer the same provider each time. */
  create(): LightningProvider | Promise<LightningProvider>;
  /** The network that its invoices are on. */
  network: Network;
  /** Pays an invoice of the provider from somewhere else; answers the preimage that the payer got. */
  settle(invoice: Invoice): Settlement | Promise<Settlement>;
  /** Lets an invoice of the provider expire. */
  expire?(invoice: Invoice): unknown;
  /** Makes every call to the backend fail until the answered function is called. */
  breakBackend?(provider: LightningProvider): Repair | Promise<Repair>;
  /** Makes the backend never answer until the answered function is called. */
  hangBackend?(provider: LightningProvider): Repair | Promise<Repair>;
  /** The clock of the backend. Default the system's. */
  clock?: Clock;
  /** How long an answer may take, and a payment to be noticed. Default 3; mind the time limit of your test runner. */
  patienceSeconds?: number;
  /** API keys and the like: no error may contain one. */
  secrets?: readonly string[];
}

/** The preimage, or what a wallet answers. */
export type Settlement = string | { status: string; preimage?: string };

/** Everything that the kit demands of a provider. */
export const providerCases: readonly KitCase<ProviderSubject>[] = [
  ...providerInvoiceCases,
  ...providerLookupCases,
  ...providerOutageCases,
  ...providerSaleCases,
];

/** Registers the tests that every `LightningProvider` has to pass: honest invoices, and no preimage before its time. */
export function describeProvider(runner: TestRunner, subject: ProviderSubject): void {
  registerKit(runner, "Lightning provider", providerCases, subject);
}
