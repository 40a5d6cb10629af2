import { randomBytes } from "node:crypto";
import { serve } from "@hono/node-server";
import { createMemoryUseStore, createPaywall } from "@l402/core";
import { l402 } from "@l402/hono";
import { fakeLightning } from "@l402/testing";
import { Hono } from "hono";

// Play money on regtest, a test network. For real bitcoin: your backend, secret: process.env.L402_SECRET, no network.
export const { provider, wallet } = fakeLightning();
const secret = randomBytes(32).toString("hex");
const paywall = createPaywall({ provider, secret, useStore: createMemoryUseStore(), network: "regtest" });
const app = new Hono().get("/weather", l402(paywall, { price: 10 }), (c) => c.json({ weather: "sunny" }));
export const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) });
