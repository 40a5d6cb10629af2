import { randomBytes } from "node:crypto";
import { attenuateToken, createMemoryUseStore, createPaywall, formatCredential, parseChallenges } from "@l402/core";
import { withL402 } from "@l402/core/web";
import { fakeLightning } from "@l402/testing";

const { provider, wallet } = fakeLightning();
const secret = randomBytes(32).toString("hex");
const paywall = createPaywall({ provider, secret, useStore: createMemoryUseStore(), network: "regtest" });
const weather = withL402(paywall, { price: 100, uses: 50, resource: "weather" }, () => Response.json({ ok: true }));
const ask = (authorization = "") =>
  weather(new Request("https://shop.example/weather/paris", { headers: authorization ? { authorization } : {} }));

// You buy a pass of fifty requests.
const [{ token, invoice }] = parseChallenges((await ask()).headers.get("www-authenticate"));
const payment = await wallet.payInvoice({ bolt11: invoice, maxFeeMsat: 0 });
if (payment.status !== "paid") throw new Error(payment.reason);
const { preimage } = payment;

// You make a token for two of them, offline, and hand it on together with the preimage.
const forAgent = attenuateToken(token, { uses: 2, expiresAt: new Date(Date.now() + 600_000) });

// Whoever has it gets two requests and no more. Your own pass pays for them.
for (let use = 1; use <= 3; use++) {
  const response = await ask(formatCredential(forAgent, preimage));
  console.log("agent:", response.status, response.ok ? "granted" : (await response.json()).code);
}
console.log("you:", (await ask(formatCredential(token, preimage))).status, "granted, one of the 48 that are left");
