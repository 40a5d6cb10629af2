import type { LightningProvider, LightningWallet } from "@l402/core";
import { providerFaultCases, walletFaultCases } from "./backend/fault-cases.ts";
import { type KitCase, type KitSubject, registerKit, type TestRunner } from "./kit.ts";

interface BackendAddress {
  /** A loopback server that plays a backend in trouble. */
  url: string;
  /** The time limit of a call. Give it to the factory. */
  timeoutSeconds: number;
}

/** The client of a Lightning backend over HTTP, to be tested. */
export interface BackendSubject extends KitSubject {
  provider?(backend: BackendAddress): LightningProvider;
  wallet?(backend: BackendAddress): LightningWallet;
  /** Returns the `providerRef` that `lookupInvoice` needs besides the payment hash. */
  providerRef?(url: string): string;
  /** API keys and other secrets that no error and no reason may contain. */
  secrets?: readonly string[];
}

export const backendCases: readonly KitCase<BackendSubject>[] = [...providerFaultCases, ...walletFaultCases];

/** Registers the tests for servers in trouble: any answer quickly causes one clear error without a secret. */
export function describeBackend(runner: TestRunner, subject: BackendSubject): void {
  const cases = backendCases.filter(({ needs }) => needs !== undefined && subject[needs] !== undefined);
  if (cases.length === 0) throw new Error("describeBackend tests a provider, a wallet or both, and got none.");
  registerKit(runner, "client of a Lightning backend", cases, subject);
}
