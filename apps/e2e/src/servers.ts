import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import type { Paywall, Terms, TermsFor } from "@l402/core";
import { withL402 } from "@l402/core/web";
import { l402 as expressL402 } from "@l402/express";
import { l402 as fastifyL402 } from "@l402/fastify";
import { l402 as honoL402 } from "@l402/hono";
import express from "express";
import { type FastifyRequest, fastify } from "fastify";
import { Hono } from "hono";

/** A server that sells /goods, and what is below it. */
interface RunningShop {
  url: string;
  close(): unknown;
}

/** What the handler does: answers a text, or throws. */
export type Goods = () => string;

/** Fixed terms, or terms by the URL of a request. */
export type ShopTerms = Terms | ((url: string) => Terms);

export type StartShop = (paywall: Paywall, terms: ShopTerms, goods: Goods) => Promise<RunningShop>;

const termsFor = <Native>(terms: ShopTerms, urlOf: (native: Native) => string): TermsFor<Native> =>
  typeof terms === "function" ? (native) => terms(urlOf(native)) : terms;

async function whenListening(server: Server): Promise<RunningShop> {
  if (!server.listening) await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/goods`, close: () => server.close() };
}

const serveFetch = (fetch: (request: Request) => Response | Promise<Response>) =>
  whenListening(serve({ fetch, port: 0, hostname: "127.0.0.1" }) as Server);

/** The same shop in every framework. */
export const startShop: Record<string, StartShop> = {
  Express: (paywall, terms, goods) => {
    const app = express().set("env", "test");
    const gate = expressL402(
      paywall,
      termsFor(terms, (request: express.Request) => request.url),
    );
    app.get(["/goods", "/goods/:name"], gate, (_req, res) => void res.send(goods()));
    return whenListening(app.listen(0, "127.0.0.1"));
  },
  async Fastify(paywall, terms, goods) {
    const app = fastify();
    const preHandler = fastifyL402(
      paywall,
      termsFor(terms, (request: FastifyRequest) => request.url),
    );
    for (const path of ["/goods", "/goods/*"]) app.get(path, { preHandler }, async () => goods());
    return { url: `${await app.listen({ host: "127.0.0.1", port: 0 })}/goods`, close: () => app.close() };
  },
  Hono: (paywall, terms, goods) => {
    const gate = honoL402(
      paywall,
      termsFor(terms, (c) => c.req.url),
    );
    const app = new Hono();
    for (const path of ["/goods", "/goods/:name"]) app.get(path, gate, (c) => c.text(goods()));
    app.onError((_error, c) => c.text("sorry", 500));
    return serveFetch(app.fetch);
  },
  "a fetch handler": (paywall, terms, goods) => {
    const sold = withL402(
      paywall,
      termsFor(terms, (request: Request) => request.url),
      () => new Response(goods()),
    );
    return serveFetch((request) => sold(request).catch(() => new Response("sorry", { status: 500 })));
  },
};
