import { randomBytes } from "node:crypto";
import { createMemoryUseStore, createPaywall } from "@l402/core";
import { withL402 } from "@l402/core/web";
import { fakeLightning, payChallenge } from "@l402/testing";

const { provider, wallet } = fakeLightning();
const secret = randomBytes(32).toString("hex");
const paywall = createPaywall({ provider, secret, useStore: createMemoryUseStore(), network: "regtest" });
const quote = withL402(paywall, { price: 25, uses: 3, validForSeconds: 3600 }, (_request, payment) =>
  Response.json({ quote: "Don't trust, verify.", usesLeft: payment.remainingUses }),
);
const ask = (authorization = "") =>
  quote(new Request("https://shop.example/quote", { headers: authorization ? { authorization } : {} }));

const authorization = await payChallenge(wallet, await ask());
for (let use = 1; use <= 4; use++) {
  const response = await ask(authorization);
  const { usesLeft, code } = await response.json();
  console.log(response.status, response.ok ? `${usesLeft} left` : code);
}
