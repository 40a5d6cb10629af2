import { createMemoryUseStore, createPaywall, formatCredential, parseChallenges } from "@l402/core";
import { fakeLightning } from "@l402/testing";

const lightning = fakeLightning();
const paywall = createPaywall({
  provider: lightning.provider, // where invoices come from: your node or service
  secret: "replace me with `openssl rand -hex 32`", // signs tokens
  useStore: createMemoryUseStore(), // so that no payment is used twice
  network: "regtest", // without this line: real bitcoin only
});
const weather = paywall.gate({ price: 10 }); // sats

// A server asks its gate about every request. Adapters do this for you.
const ask = (authorization) => weather({ method: "GET", path: "/weather", header: () => authorization });

// 1. Without payment: 402 and a challenge.
const denied = await ask(undefined);
console.log(denied.reply.status, denied.error.code);

// 2. The buyer pays the invoice in it. The preimage is the proof.
const lines = denied.reply.headers.filter(([name]) => name === "WWW-Authenticate").map(([, value]) => value);
const [{ token, invoice }] = parseChallenges(lines);
const { preimage } = await lightning.wallet.payInvoice({ bolt11: invoice, maxFeeMsat: 0 });

// 3. The same request with token and preimage: granted, once.
const granted = await ask(formatCredential(token, preimage));
console.log(granted.outcome, granted.payment.amountMsat, "msat for", granted.payment.resource);

const again = await ask(formatCredential(token, preimage));
console.log(again.reply.status, again.error.code);
