import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { createMemoryUseStore, createPaywall } from "@l402/core";
import { withL402 } from "@l402/core/web";
import { fakeLightning } from "@l402/testing";

export const { provider, wallet } = fakeLightning(); // play money; your Lightning backend goes here
const secret = process.env.L402_SECRET ?? randomBytes(32).toString("hex");
const paywall = createPaywall({ provider, secret, useStore: createMemoryUseStore(), network: "regtest" });
const weather = withL402(paywall, { price: 10 }, () => Response.json({ weather: "sunny" }));
export const server = createServer(getRequestListener(weather)).listen(process.env.PORT ?? 3000);
