import type { LightningWallet } from "@l402/core";
import { startHttpServer, webHandler } from "./http-server.ts";
import { openShop, SHOP } from "./shop.ts";

/** Starts a shop over HTTP, with the buyer's wallet beside it, so that buyers can be separate processes. */
export async function startShopServer(...options: Parameters<typeof openShop>) {
  const [routes, settings] = options;
  const shop = openShop(routes, { begin: new Date(), ...settings });
  const interrupt: Interruptions = {};
  const sell = webHandler(() => SHOP, shop.fetchShop);
  const server = await startHttpServer(async (request, response) => {
    if (request.headers.authorization) await interrupt.beforeServing?.();
    if (!request.path.startsWith("/wallet/")) return sell(request, response);
    const input = JSON.parse(request.body.toString());
    const { wallet } = shop.lightning;
    const answer = (result: unknown) => void response.end(JSON.stringify(result));
    if (request.path === "/wallet/lookupPayment") return answer(await wallet.lookupPayment(input));
    await interrupt.beforePaying?.();
    const result = await wallet.payInvoice(input);
    await interrupt.afterPaying?.();
    answer(result);
  });
  return { ...shop, origin: server.origin, url: `${server.origin}/weather`, interrupt };
}

/** Functions that run at critical moments of a purchase. If one throws, the step that would follow does not happen. */
interface Interruptions {
  beforePaying?(): Promise<void>;
  afterPaying?(): Promise<void>;
  beforeServing?(): Promise<void>;
}

/** The wallet of `startShopServer`, from another process. */
export function walletAt(origin: string): LightningWallet {
  const ask = async (call: string, input: unknown) => {
    const response = await fetch(`${origin}/wallet/${call}`, { method: "POST", body: JSON.stringify(input) });
    return response.json();
  };
  return {
    // It has the name of the shop's wallet, because it is the same wallet.
    name: "fake",
    payInvoice: (input) => ask("payInvoice", input),
    lookupPayment: (hash) => ask("lookupPayment", hash),
  };
}
