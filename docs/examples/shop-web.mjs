import { randomBytes } from "node:crypto";
import { createMemoryUseStore, createPaywall } from "@l402/core";
import { withL402 } from "@l402/core/web";
import { fakeLightning } from "@l402/testing";

// Play money on regtest, a test network. For real bitcoin: your backend, secret: process.env.L402_SECRET, no network.
export const { provider, wallet } = fakeLightning();
const secret = randomBytes(32).toString("hex");
const paywall = createPaywall({ provider, secret, useStore: createMemoryUseStore(), network: "regtest" });
export default { fetch: withL402(paywall, { price: 10 }, () => Response.json({ weather: "sunny" })) };
