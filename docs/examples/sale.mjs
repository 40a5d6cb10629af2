import { randomBytes } from "node:crypto";
import { createMemoryUseStore, createPaywall, formatCredential } from "@l402/core";
import { fakeLightning } from "@l402/testing";

const lightning = fakeLightning();
const paywall = createPaywall({
  provider: lightning.provider, // creates invoices: your node or service
  secret: randomBytes(32).toString("hex"), // signs tokens; keep one, or tokens end with the process
  useStore: createMemoryUseStore(), // counts uses, so that no payment is used twice
  network: "regtest", // without this line: real bitcoin only
});
const weather = paywall.gate({ price: 10 }); // sats

// A server asks its gate about every request. Adapters for Express, Hono, Fastify and Next do this for you.
const ask = (authorization) => weather({ method: "GET", path: "/weather", header: () => authorization });

// 1. Without payment: 402 and a challenge, which is a token and the invoice that makes it valid.
const denied = await ask(undefined);
console.log(denied.reply.status, denied.error.code);

// 2. The buyer pays the invoice. The wallet gets the preimage, the proof of payment.
const { token, invoice } = denied.challenge;
const { preimage } = await lightning.wallet.payInvoice({ bolt11: invoice, maxFeeMsat: 0 });

// 3. The same request with token and preimage: granted, once.
const granted = await ask(formatCredential(token, preimage));
console.log(granted.outcome, granted.payment.amountMsat, "msat for", granted.payment.resource);

const again = await ask(formatCredential(token, preimage));
console.log(again.reply.status, again.error.code);
