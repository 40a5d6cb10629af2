import { createMemoryUseStore, createPaywall, type Paywall } from "@l402/core";
import { type FakeLightning, fakeLightning } from "@l402/testing";

interface Shop {
  lightning: FakeLightning;
  paywall: Paywall;
}

/** Next may load a module once per route, and replay protection has to be the same for all of them. */
const shared = globalThis as typeof globalThis & { shop?: Shop };

function openShop(): Shop {
  // A Lightning node in memory. For real money, put a provider of your backend here and remove `network`.
  const lightning = fakeLightning();
  const paywall = createPaywall({
    provider: lightning.provider,
    secret: process.env.L402_SECRET,
    useStore: createMemoryUseStore(),
    network: "regtest",
  });
  return { lightning, paywall };
}

export const shop = () => {
  shared.shop ??= openShop();
  return shared.shop;
};
