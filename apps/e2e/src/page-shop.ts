import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import {
  createMemoryUseStore,
  createPaywall,
  type LightningProvider,
  type PaywallOptions,
  type Terms,
} from "@l402/core";
import { l402 } from "@l402/hono";
import { type PaywallPageOptions, paywallPage } from "@l402/paywall-page";
import { type Handler, Hono, type MiddlewareHandler } from "hono";

/** What a buyer gets, and how a test sees that it is that. */
const GOODS = '<!doctype html><html lang="en"><title>Goods</title><h1 id="goods">Sunny, with a light breeze</h1>';

export interface PageShop {
  /** Such as `http://127.0.0.1:40201`; the same server answers to every name of this machine. */
  url: string;
  port: number;
  close(): unknown;
}

export interface PageShopOptions {
  provider: LightningProvider;
  /** What is sold where. */
  routes: Readonly<Record<string, Terms>>;
  page?: PaywallPageOptions;
  paywall?: Partial<PaywallOptions>;
  /** What the seller has in front of the paywall. */
  before?: MiddlewareHandler;
  /** What is sold; a page by default. */
  goods?: Handler;
}

/** A web server whose pages are sold to people. */
export async function openPageShop({
  provider,
  routes,
  page,
  paywall = {},
  ...parts
}: PageShopOptions): Promise<PageShop> {
  const { before = (_c, next) => next(), goods = (c) => c.html(GOODS) } = parts;
  const sells = createPaywall({
    provider,
    secret: "a secret for tests, at least 32 bytes long",
    useStore: createMemoryUseStore(),
    network: "regtest",
    challengeLimiter: false,
    page: paywallPage(page),
    ...paywall,
  });
  const app = new Hono();
  app.get("/favicon.ico", (c) => c.body(null, 204));
  app.get("/free", (c) => c.html('<!doctype html><title>Free</title><a id="link" href="/weather">Weather</a>'));
  // What another subdomain can do: set cookies for the whole domain.
  app.get("/plant", (c) => {
    for (const line of JSON.parse(c.req.query("cookies") ?? "[]")) c.header("Set-Cookie", line, { append: true });
    return c.html("<!doctype html><title>Planted</title>");
  });
  for (const [path, terms] of Object.entries(routes)) app.get(path, before, l402(sells, terms), goods);
  const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, close: () => server.close() };
}
