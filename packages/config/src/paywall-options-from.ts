import type { ChallengeLimiter, LightningProvider, Network, PaymentLog, UseStore } from "@l402/core";
import { type ConfigOptions, type Environment, invalid, setting } from "./environment.ts";
import { makeBackend } from "./make-backend.ts";
import { networkFrom } from "./network-from.ts";
import { type Closable, challengeLimiterFrom, paymentLogFrom, useStoreFrom } from "./stores.ts";

export interface PaywallSettings {
  provider: LightningProvider;
  secret: string;
  network: Network;
  useStore: UseStore & Closable;
  challengeLimiter?: ChallengeLimiter & Closable;
  paymentLog?: PaymentLog & { flush(): Promise<void> };
}

/** Creates all options for `createPaywall`: `createPaywall(await paywallOptionsFrom(process.env))`. */
export async function paywallOptionsFrom(env: Environment, options: ConfigOptions = {}): Promise<PaywallSettings> {
  const secret = setting(env, "L402_SECRET");
  if (secret === undefined || new TextEncoder().encode(secret).length < 32) {
    throw invalid(
      `L402_SECRET ${secret === undefined ? "is not set" : "is shorter than 32 bytes"}. The paywall needs it to sign tokens.`,
      "Set L402_SECRET to the output of `openssl rand -hex 32`, the same on every server.",
    );
  }
  const network = networkFrom(env);
  const provider = await makeBackend<LightningProvider>(env, "provider", options);
  const useStore = await useStoreFrom(env, options);
  const challengeLimiter = await challengeLimiterFrom(env, options);
  const paymentLog = await paymentLogFrom(env, options);
  return {
    provider,
    secret,
    network,
    useStore,
    ...(challengeLimiter && { challengeLimiter }),
    ...(paymentLog && { paymentLog }),
  };
}
