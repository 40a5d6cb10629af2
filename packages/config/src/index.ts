import type { LightningProvider, LightningWallet } from "@l402/core";
import { type ConfigOptions, makeBackend } from "./choose-backend.ts";
import type { Environment } from "./environment.ts";

export type { ConfigOptions } from "./choose-backend.ts";
export type { Environment } from "./environment.ts";
export { paymentLogFrom, useStoreFrom } from "./store-from.ts";

/** The seller's backend: `L402_PROVIDER=lnd` and that backend's variables. */
export const providerFrom = (env: Environment, options: ConfigOptions = {}): Promise<LightningProvider> =>
  makeBackend(env, "provider", options);

/** The buyer's backend: `L402_WALLET=lnd`, or that of `L402_PROVIDER` where it is left out. */
export const walletFrom = (env: Environment, options: ConfigOptions = {}): Promise<LightningWallet> =>
  makeBackend(env, "wallet", options);
