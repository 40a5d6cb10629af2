import type { LightningWallet } from "@l402/core";
import { type KitCase, type KitSubject, type Repair, registerKit, type TestRunner } from "./kit.ts";
import { walletOutageCases } from "./wallet/outage-cases.ts";
import { walletPaymentCases } from "./wallet/payment-cases.ts";
import { walletRefusalCases } from "./wallet/refusal-cases.ts";

/** A Lightning wallet to test. */
export interface WalletSubject extends KitSubject {
  /** Called for every case; may answer the same wallet each time. */
  create(): LightningWallet | Promise<LightningWallet>;
  /** Makes an invoice that the wallet can pay. */
  invoice(request: { amountMsat: number }): string | Promise<string>;
  /** Makes an invoice whose time is over. */
  expiredInvoice?(): string | Promise<string>;
  /** Makes an invoice that leaves the amount to the payer. */
  amountlessInvoice?(): string | Promise<string>;
  /** Makes an invoice that cannot be paid for less than this fee. */
  costlyInvoice?(): CostlyInvoice | Promise<CostlyInvoice>;
  /** What has left the wallet so far, fees included. */
  spentMsat?(wallet: LightningWallet): number | Promise<number>;
  /** Lets the next payment succeed while the wallet never hears the answer. */
  loseNextAnswer?(wallet: LightningWallet): unknown;
  /** Makes every call to the backend fail until the answered function is called. */
  breakBackend?(wallet: LightningWallet): Repair | Promise<Repair>;
  /** Makes the backend never answer until the answered function is called. */
  hangBackend?(wallet: LightningWallet): Repair | Promise<Repair>;
  /** What a payment of this kit may cost. Default 10 sats. */
  maxFeeMsat?: number;
  /** How long a payment or another answer may take. Default 3; mind the time limit of your test runner. */
  patienceSeconds?: number;
  /** API keys and the like: no error and no reason may contain one. */
  secrets?: readonly string[];
}

/** An invoice that cannot be paid for less than `feeMsat`, which is above 0. */
export interface CostlyInvoice {
  bolt11: string;
  feeMsat: number;
}

/** Everything that the kit demands of a wallet. */
export const walletCases: readonly KitCase<WalletSubject>[] = [
  ...walletPaymentCases,
  ...walletRefusalCases,
  ...walletOutageCases,
];

/** Registers the tests that every `LightningWallet` has to pass: it pays once, and knows or says that it does not. */
export function describeWallet(runner: TestRunner, subject: WalletSubject): void {
  registerKit(runner, "Lightning wallet", walletCases, subject);
}
