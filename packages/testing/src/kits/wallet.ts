import type { LightningWallet } from "@l402/core";
import { type KitCase, type KitSubject, type Repair, registerKit, type TestRunner } from "./kit.ts";
import { walletOutageCases } from "./wallet/outage-cases.ts";
import { walletPaymentCases } from "./wallet/payment-cases.ts";
import { walletRefusalCases } from "./wallet/refusal-cases.ts";

/** A Lightning wallet to test. */
export interface WalletSubject extends KitSubject {
  /** Called for every case. May return the same wallet each time. */
  create(): LightningWallet | Promise<LightningWallet>;
  /** Creates an invoice that the wallet can pay. */
  invoice(request: { amountMsat: number }): string | Promise<string>;
  /** Creates an invoice that has expired. */
  expiredInvoice?(): string | Promise<string>;
  /** Creates an invoice that leaves the amount to the payer. */
  amountlessInvoice?(): string | Promise<string>;
  /** Creates an invoice that costs at least this fee. */
  costlyInvoice?(): CostlyInvoice | Promise<CostlyInvoice>;
  /** Returns the money that has left the wallet so far, including fees. */
  spentMsat?(wallet: LightningWallet): number | Promise<number>;
  /** Lets the next payment succeed, but loses its answer to the wallet. */
  loseNextAnswer?(wallet: LightningWallet): unknown;
  /** Breaks the line on which the next order to pay travels. The order arrives when the returned function is called. */
  delayNextOrder?(wallet: LightningWallet): Repair | Promise<Repair>;
  /** Makes every call to the backend fail until the returned function is called. */
  breakBackend?(wallet: LightningWallet): Repair | Promise<Repair>;
  /** Makes the backend hang until the returned function is called. */
  hangBackend?(wallet: LightningWallet): Repair | Promise<Repair>;
  /** The highest fee of a payment in this kit. Default 10 sats. */
  maxFeeMsat?: number;
  /** The highest time in seconds for any answer. Default 3; keep it below the time limit of your test runner. */
  patienceSeconds?: number;
  /** API keys and other secrets that no error and no reason may contain. */
  secrets?: readonly string[];
}

/** An invoice that cannot be paid with a fee below `feeMsat`, which is above 0. */
export interface CostlyInvoice {
  bolt11: string;
  feeMsat: number;
}

/** All requirements of the kit for a wallet. */
export const walletCases: readonly KitCase<WalletSubject>[] = [
  ...walletPaymentCases,
  ...walletRefusalCases,
  ...walletOutageCases,
];

/**
 * Registers the tests that every `LightningWallet` must pass: it pays once, and reports an outcome only if it knows it.
 */
export function describeWallet(runner: TestRunner, subject: WalletSubject): void {
  registerKit(runner, "Lightning wallet", walletCases, subject);
}
