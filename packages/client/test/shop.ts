import { createMemoryUseStore, createPaywall, type LightningWallet, type PaywallOptions, type Terms } from "@l402/core";
import { withL402 } from "@l402/core/web";
import { type FakeLightningOptions, fakeClock, fakeLightning } from "@l402/testing";
import { createL402Client, type L402ClientOptions } from "../src/index.ts";

export const SHOP = "https://shop.example";

type Handler = (request: Request) => Response | Promise<Response>;

/**
 * Opens a seller and a buyer in one process: real paywall, real client, and a Lightning node in memory between them.
 */
export function openShop(
  routes: Record<string, { terms: Terms | ((request: Request) => Terms); handler?: Handler }> = {
    "/weather": { terms: { price: 10 } },
  },
  {
    node = {},
    paywall: paywallOptions = {},
    begin,
  }: { node?: FakeLightningOptions; paywall?: Partial<PaywallOptions>; begin?: Date } = {},
) {
  const clock = fakeClock(begin);
  const lightning = fakeLightning({ clock, ...node });
  const requests: Request[] = [];
  const paywall = createPaywall({
    provider: lightning.provider,
    secret: "a secret for tests, at least 32 bytes long",
    useStore: createMemoryUseStore({ clock }),
    network: "regtest",
    clock,
    ...paywallOptions,
  });
  const served: Record<string, number> = {};
  const gates = Object.entries(routes).map(([path, { terms, handler }]) => {
    const serve = withL402(paywall, terms, (request: Request) => {
      served[path] = (served[path] ?? 0) + 1;
      return handler ? handler(request) : new Response(`goods of ${path}`);
    });
    return [path, serve] as const;
  });
  const byPath = new Map(gates);

  const fetchShop: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    requests.push(request.clone());
    const serve = byPath.get(new URL(request.url).pathname);
    return serve ? serve(request) : new Response("free of charge");
  };

  return {
    clock,
    lightning,
    requests,
    served,
    fetchShop,
    client: (options: Partial<L402ClientOptions> & { wallet?: LightningWallet } = {}) =>
      createL402Client({ wallet: lightning.wallet, network: "regtest", fetch: fetchShop, clock, ...options }),
  };
}
