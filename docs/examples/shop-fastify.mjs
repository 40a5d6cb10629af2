import { randomBytes } from "node:crypto";
import { createMemoryUseStore, createPaywall } from "@l402/core";
import { l402 } from "@l402/fastify";
import { fakeLightning } from "@l402/testing";
import { fastify } from "fastify";

// Play money on regtest, a test network. For real bitcoin: your backend, secret: process.env.L402_SECRET, no network.
export const { provider, wallet } = fakeLightning();
const secret = randomBytes(32).toString("hex");
const paywall = createPaywall({ provider, secret, useStore: createMemoryUseStore(), network: "regtest" });
const app = fastify();
app.get("/weather", { preHandler: l402(paywall, { price: 10 }) }, () => ({ weather: "sunny" }));
await app.listen({ port: Number(process.env.PORT ?? 3000) });
export const { server } = app;
