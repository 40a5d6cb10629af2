import { randomBytes } from "node:crypto";
import { serve } from "@hono/node-server";
import { createMemoryUseStore, createPaywall } from "@l402/core";
import { l402 } from "@l402/hono";
import { paywallPage } from "@l402/paywall-page";
import { fakeLightning } from "@l402/testing";
import { Hono } from "hono";

// Play money on regtest, a test network. For real bitcoin: your backend, secret: process.env.L402_SECRET, no network.
export const { provider, wallet, settle } = fakeLightning();
const secret = randomBytes(32).toString("hex");
const useStore = createMemoryUseStore();
const page = paywallPage({ seller: "Weather Ltd" });
// No real wallet can pay here, so every invoice is paid after five seconds. Leave this out for real bitcoin.
const onEvent = (event) => event.type === "challenged" && setTimeout(settle, 5000, event.paymentHash);
const paywall = createPaywall({ provider, secret, useStore, network: "regtest", page, onEvent });
const app = new Hono();
app.get("/weather", l402(paywall, { price: 10, uses: 3, description: "Tomorrow's weather" }), (c) => {
  return c.json({ weather: "sunny" });
});
export const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) });
