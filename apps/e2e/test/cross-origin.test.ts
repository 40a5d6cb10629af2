import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { createMemoryUseStore, createPaywall } from "@l402/core";
import { type L402Env, l402 } from "@l402/hono";
import { fakeLightning } from "@l402/testing";
import { Hono } from "hono";
import { cors } from "hono/cors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPage, type Page } from "../src/chromium.ts";
import { isInstalled } from "../src/installed.ts";

const closing: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

async function listen(app: { fetch: Hono["fetch"] }): Promise<string> {
  const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
  closing.push(() => server.close());
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A shop with a paid route, and the app's own CORS code before the paywall, behind it, or nowhere. */
function openShop(order: "before" | "behind" | "none") {
  const lightning = fakeLightning();
  const paywall = createPaywall({
    provider: lightning.provider,
    secret: "a secret for tests, at least 32 bytes long",
    useStore: createMemoryUseStore(),
    network: "regtest",
  });
  const app = new Hono<L402Env>();
  app.post("/wallet", cors(), async (c) => {
    return c.json(await lightning.wallet.payInvoice({ bolt11: await c.req.text(), maxFeeMsat: 0 }));
  });
  if (order === "before") app.use("/weather", cors());
  app.use("/weather", l402(paywall, { price: 10 }));
  if (order === "behind") app.use("/weather", cors());
  app.get("/weather", (c) => c.text(`sunny for ${c.get("l402").amountMsat} msat`));
  return { app, lightning };
}

/** What a web page does to buy from another origin. */
const buyInPage = (url: string) => `(async () => {
  const unpaid = await fetch("${url}/weather");
  const header = unpaid.headers.get("www-authenticate");
  const [, token, invoice] = /macaroon="([^"]+)", invoice="([^"]+)"/.exec(header);
  const { preimage } = await (await fetch("${url}/wallet", { method: "POST", body: invoice })).json();
  const paid = await fetch("${url}/weather", { headers: { authorization: "L402 " + token + ":" + preimage, "x-mine": "1" } });
  return [unpaid.status, (await unpaid.json()).priceSats, paid.status, await paid.text()];
})()`;

describe.skipIf(!isInstalled("chromium"))("a web page of another origin", () => {
  let page: Page;
  beforeAll(async () => {
    page = await openPage(await listen(new Hono().get("/", (c) => c.html("<title>another origin</title>"))));
    closing.push(() => page.close());
  }, 30_000);

  it.each(["before", "behind"] as const)(
    "reads the challenge, pays and is served, with the app's CORS code %s the paywall, and preflights cost nothing",
    async (order) => {
      const { app, lightning } = openShop(order);
      const url = await listen(app);
      expect(await page.evaluate(buyInPage(url))).toEqual([402, 10, 200, "sunny for 10000 msat"]);
      expect(lightning.invoices).toHaveLength(1);
    },
  );

  it("reads the challenge but not the goods where the app does not allow it", async () => {
    const url = await listen(openShop("none").app);
    expect(await page.evaluate(`fetch("${url}/weather").then((response) => response.status)`)).toBe(402);
    await expect(page.evaluate(buyInPage(url))).rejects.toThrow("Failed to fetch");
  });
});
