// A server for one case, in a process of its own: `node server.mjs <framework> <variant>`. Tells its parent where it is,
// the credentials that it accepts, and, when asked, what it has used.
import { createServer } from "node:http";
import { serve } from "@hono/node-server";
import { createMemoryUseStore } from "@l402/core";
import { l402 as onExpress } from "@l402/express";
import { l402 as onFastify } from "@l402/fastify";
import { l402 as onHono } from "@l402/hono";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import { AMOUNT_MSAT, buy, createInstantProvider, openShop } from "../shop.mjs";
import { byHandOnFastify, byHandOnHono } from "./by-hand.mjs";
import { mppxOnHono, x402OnHono } from "./peers.mjs";

const GOODS = { weather: "sunny", celsius: 21, ok: 1 };
const [, , framework, variant] = process.argv;
const useStore = createMemoryUseStore();
// A paywall refuses an invoice that is among the last 3000 that it offered.
const provider = createInstantProvider(variant === "l402" ? 3_001 : 256);
const shop = openShop({ provider, useStore });
const terms = { price: AMOUNT_MSAT / 1000, uses: 1_000_000_000 };
const isBare = variant === "bare";
/** How a buyer of somebody else's server fills a header after its 402. */
let fill;

const FRAMEWORKS = {
  async express() {
    const app = express();
    app.get("/goods", ...(isBare ? [] : [onExpress(shop.paywall, terms)]), (_, res) => res.json(GOODS));
    return listen(createServer(app));
  },
  async fastify() {
    const app = fastify();
    const preHandler = variant === "by hand" ? byHandOnFastify(shop, useStore) : onFastify(shop.paywall, terms);
    const options = isBare ? {} : { preHandler };
    app.get("/goods", options, async () => GOODS);
    await app.listen({ port: 0, host: "127.0.0.1" });
    return app.server;
  },
  async hono() {
    const app = new Hono();
    const others = { mppx: mppxOnHono, x402: x402OnHono };
    const ours = { l402: onHono(shop.paywall, terms), "by hand": byHandOnHono(shop, useStore) };
    if (ours[variant]) app.get("/goods", ours[variant], (c) => c.json(GOODS));
    else if (others[variant]) fill = others[variant](app, "/goods", (c) => c.json(GOODS));
    else app.get("/goods", (c) => c.json(GOODS));
    return new Promise((resolve) => {
      const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () => resolve(server));
    });
  },
};

const listen = (server) => new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));

const server = await FRAMEWORKS[framework]();
server.keepAliveTimeout = 60_000;
const { port } = server.address();
process.send({
  port,
  headers: fill ? [await buyFrom(port)] : (await buy(shop, terms, 256)).map(({ header }) => header),
});

async function buyFrom(port) {
  // x402 asks its facilitator first.
  await new Promise((resolve) => setTimeout(resolve, 500));
  return fill(await fetch(`http://127.0.0.1:${port}/goods`));
}

// Whoever measures has ended, in whatever way.
process.once("disconnect", () => process.exit());

process.on("message", (message) => {
  if (message === "end") process.exit();
  if (message.collect) globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const resources = process.getActiveResourcesInfo();
  const count = (kind) => resources.filter((each) => each === kind).length;
  process.send({
    cpuMicros: user + system,
    heapMb: (heapUsed + external) / 1e6,
    rssMb: rss / 1e6,
    timers: count("Timeout"),
    sockets: count("TCPSocketWrap"),
  });
});
