import { once } from "node:events";
import type { AddressInfo } from "node:net";
import fastifyCors from "@fastify/cors";
import { createMemoryUseStore, createPaywall, type Paywall } from "@l402/core";
import { l402 as expressL402 } from "@l402/express";
import { l402 as fastifyL402 } from "@l402/fastify";
import { l402 as honoL402 } from "@l402/hono";
import { withL402 } from "@l402/next";
import { fakeLightning, payChallenge } from "@l402/testing";
import expressCors from "cors";
import express from "express";
import { fastify } from "fastify";
import { Hono } from "hono";
import { cors as honoCors } from "hono/cors";
import { describe, expect, it } from "vitest";

interface App {
  ask(init: RequestInit): Promise<Response>;
  close?(): unknown;
}

/** Apps with CORS code and a paid route for GET, as the READMEs of the adapters mount them. */
const APPS: Record<string, (paywall: Paywall) => Promise<App>> = {
  async Express(paywall) {
    const app = express();
    app.use(expressCors());
    app.get("/weather", expressL402(paywall, { price: 10 }), (_req, res) => void res.send("sunny"));
    const server = app.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/weather`;
    return { ask: (init) => fetch(url, init), close: () => server.close() };
  },
  async Fastify(paywall) {
    const app = fastify();
    await app.register(fastifyCors);
    app.get("/weather", { preHandler: fastifyL402(paywall, { price: 10 }) }, async () => "sunny");
    const url = `${await app.listen({ host: "127.0.0.1", port: 0 })}/weather`;
    return { ask: (init) => fetch(url, init), close: () => app.close() };
  },
  async Hono(paywall) {
    const app = new Hono();
    app.use(honoCors());
    app.get("/weather", honoL402(paywall, { price: 10 }), (c) => c.text("sunny"));
    return { ask: async (init) => app.request("http://shop.example/weather", init) };
  },
  async Next(paywall) {
    const headers = { "Access-Control-Allow-Origin": "*" };
    const GET = withL402(paywall, { price: 10 }, (_request: Request) => new Response("sunny", { headers }));
    const route: Record<string, typeof GET> = { GET, OPTIONS: GET };
    const url = "http://shop.example/weather";
    return { ask: async (init) => (route[init.method ?? "GET"] as typeof GET)(new Request(url, init)) };
  },
};

describe.each(Object.entries(APPS))("with CORS code as the README says, a page of another origin in %s", (_, open) => {
  it("may send its credential, reads the challenge and reads what it paid for", async () => {
    const lightning = fakeLightning();
    const secret = "a secret for tests, at least 32 bytes long";
    const { provider, wallet } = lightning;
    const paywall = createPaywall({ provider, secret, useStore: createMemoryUseStore(), network: "regtest" });
    const app = await open(paywall);
    const Origin = "https://page.example";

    const asked = { "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization" };
    const preflight = await app.ask({ method: "OPTIONS", headers: { Origin, ...asked } });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
    expect(preflight.headers.get("access-control-allow-headers")?.toLowerCase()).toBe("authorization");
    expect(lightning.invoices).toHaveLength(0);

    const unpaid = await app.ask({ headers: { Origin } });
    expect(unpaid.status).toBe(402);
    expect(unpaid.headers.get("access-control-allow-origin")).toBe("*");
    expect(unpaid.headers.get("access-control-expose-headers")).toContain("WWW-Authenticate");

    const headers = { Origin, Authorization: await payChallenge(wallet, unpaid) };
    const paid = await app.ask({ headers });
    expect([paid.status, await paid.text()]).toEqual([200, "sunny"]);
    expect(paid.headers.get("access-control-allow-origin")).toBe("*");
    await app.close?.();
  });
});
