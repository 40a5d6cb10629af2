import { once } from "node:events";
import { formatCredential, parseChallenges } from "@l402/core";
import { server, wallet } from "./shop.mjs";

if (!server.listening) await once(server, "listening");
const url = `http://localhost:${process.env.PORT ?? 3000}/weather`;
const ask = (authorization = "") => fetch(url, { headers: authorization ? { authorization } : {} });

// 1. Without payment: 402 and a challenge, which is a token and the invoice that makes it valid.
const denied = await ask();
const { code, price } = await denied.json();
console.log(denied.status, code, price);

// 2. Pay the invoice. The wallet gets the preimage, the proof of payment.
const [{ token, invoice }] = parseChallenges(denied.headers.get("www-authenticate"));
const payment = await wallet.payInvoice({ bolt11: invoice, maxFeeMsat: 0 });
if (payment.status !== "paid") throw new Error(payment.reason);

// 3. The same request with token and preimage is served, once.
const authorization = formatCredential(token, payment.preimage);
const granted = await ask(authorization);
console.log(granted.status, await granted.json());

const again = await ask(authorization);
console.log(again.status, (await again.json()).code);
server.close();
