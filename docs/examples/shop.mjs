import { randomBytes } from "node:crypto";
import { createMemoryUseStore, createPaywall } from "@l402/core";
import { l402 } from "@l402/express";
import { fakeLightning } from "@l402/testing";
import express from "express";

// Play money on regtest, a test network. For real bitcoin: your backend, secret: process.env.L402_SECRET, no network.
export const { provider, wallet } = fakeLightning();
const secret = randomBytes(32).toString("hex");
const paywall = createPaywall({ provider, secret, useStore: createMemoryUseStore(), network: "regtest" });
const app = express().get("/weather", l402(paywall, { price: 10 }), (_req, res) => res.json({ weather: "sunny" }));
export const server = app.listen(process.env.PORT ?? 3000).on("listening", () => console.log("/weather costs 10 sats"));
