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
export { statePathFrom } from "./state-path-from.ts";
export { type Closable, challengeLimiterFrom, paymentLogFrom, redisInfoFrom, useStoreFrom } from "./stores.ts";

/** Creates the seller's backend from `L402_PROVIDER=lnd` and that backend's variables. */
export const providerFrom = (env: Environment, options: ConfigOptions = {}): Promise<LightningProvider> =>
  makeBackend(env, "provider", options);

/**
 * Creates the buyer's backend from `L402_WALLET=lnd`. Without `L402_WALLET`, it uses the backend of `L402_PROVIDER`.
 */
export const walletFrom = (env: Environment, options: ConfigOptions = {}): Promise<LightningWallet> =>
  makeBackend(env, "wallet", options);
