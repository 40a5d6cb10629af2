import type { LightningProvider, LightningWallet } from "@l402/core";
import type { ConfigOptions, Environment } from "./environment.ts";
import { makeBackend } from "./make-backend.ts";

export { BUDGET_VARIABLES, type BudgetSettings, budgetFrom } from "./budget-from.ts";
export { type ClientSettings, clientOptionsFrom } from "./client-options-from.ts";
export type { ConfigOptions, Environment } from "./environment.ts";
export { hintInVariables } from "./in-variables.ts";
export { nearestName } from "./nearest-name.ts";
export { networkFrom } from "./network-from.ts";
export { type PaywallSettings, paywallOptionsFrom } from "./paywall-options-from.ts";
export { type Closable, challengeLimiterFrom, paymentLogFrom, useStoreFrom } from "./stores.ts";

/** The seller's backend: `L402_PROVIDER=lnd` and that backend's variables. */
export const providerFrom = (env: Environment, options: ConfigOptions = {}): Promise<LightningProvider> =>
  makeBackend(env, "provider", options);

/** The buyer's backend: `L402_WALLET=lnd`, or that of `L402_PROVIDER` where it is left out. */
export const walletFrom = (env: Environment, options: ConfigOptions = {}): Promise<LightningWallet> =>
  makeBackend(env, "wallet", options);
