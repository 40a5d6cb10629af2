import { randomBytes } from "node:crypto";
import { createMemoryUseStore, createPaywall } from "@l402/core";
import { l402 } from "@l402/express";
import { fakeLightning } from "@l402/testing";
import express from "express";

export const { provider, wallet } = fakeLightning(); // play money; your Lightning backend goes here
const secret = process.env.L402_SECRET ?? randomBytes(32).toString("hex");
const paywall = createPaywall({ provider, secret, useStore: createMemoryUseStore(), network: "regtest" });
const app = express().get("/weather", l402(paywall, { price: 10 }), (_req, res) => res.json({ weather: "sunny" }));
export const server = app.listen(process.env.PORT ?? 3000);
