import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { createMemoryUseStore, createPaywall } from "@l402/core";
import { withL402 } from "@l402/core/web";
import { fakeLightning, payChallenge } from "@l402/testing";
import { fromWebHandler, H3, toNodeHandler } from "h3";
import { createApp, fromWebHandler as fromWebHandlerOf1, toNodeListener } from "h3-1";
import { expect, it } from "vitest";

type Handler = (request: Request) => Promise<Response>;

it.each<[string, (sold: Handler) => RequestListener]>([
  ["2, which is in Nitro 3", (sold) => toNodeHandler(new H3().all("/echo", fromWebHandler(sold))) as RequestListener],
  ["1, which is in Nuxt 4", (sold) => toNodeListener(createApp().use("/echo", fromWebHandlerOf1(sold)))],
])("sells a handler in h3 %s", async (_, listenerFor) => {
  const { provider, wallet } = fakeLightning();
  const secret = "a secret for tests, at least 32 bytes long";
  const paywall = createPaywall({ provider, secret, useStore: createMemoryUseStore(), network: "regtest" });
  const sold = withL402(paywall, { price: 10 }, async (request) => new Response(await request.text()));
  const server = createServer(listenerFor(sold)).listen(0, "127.0.0.1");
  try {
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/echo`;
    const ask = (headers = {}) => fetch(url, { method: "POST", body: "hello", headers });
    const unpaid = await ask();
    const authorization = await payChallenge(wallet, unpaid);
    const paid = await ask({ authorization });
    expect([unpaid.status, paid.status, await paid.text()]).toEqual([402, 200, "hello"]);
    expect(paid.headers.get("cache-control")).toBe("private");
    expect((await ask({ authorization })).status).toBe(402);
  } finally {
    server.close();
  }
});
