import { createMemoryUseStore, createPaywall, type PaywallOptions } from "@l402/core";
import { fakeLightning } from "@l402/testing";

/** A paywall for play money, and a wallet that can pay it. */
export function openPaywall(options: Pick<PaywallOptions, "challengeLimiter" | "onEvent" | "page"> = {}) {
  const { provider, wallet } = fakeLightning();
  const secret = "a secret for tests, at least 32 bytes long";
  const useStore = createMemoryUseStore();
  return { wallet, paywall: createPaywall({ provider, secret, useStore, network: "regtest", ...options }) };
}
