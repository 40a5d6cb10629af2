import { createHash } from "node:crypto";
import { once } from "node:events";
import { decodeInvoice } from "@l402/core";
import { server, wallet } from "./shop.mjs";

if (!server.listening) await once(server, "listening");
const url = `http://localhost:${process.env.PORT ?? 3000}/weather`;
const offer = await (await fetch(url)).json();
console.log(offer.howToPay);

// What the invoice says is what you pay, whatever `price` says. Not all invoices have an amount.
const invoice = decodeInvoice(offer.invoice);
if (invoice.network !== "regtest" || invoice.paymentHash !== offer.paymentHash)
  throw new Error("not the invoice of this offer");
if (!invoice.amountMsat || invoice.amountMsat > 20_000n || invoice.expiresAt < new Date())
  throw new Error("too dear, without an amount, or too late");

const payment = await wallet.payInvoice({ bolt11: offer.invoice, maxFeeMsat: 1000 });
// "unknown" may still arrive: look it up, and do not pay again.
if (payment.status !== "paid") throw new Error(payment.reason);
const hash = createHash("sha256").update(payment.preimage, "hex").digest("hex");
if (hash !== offer.paymentHash) throw new Error("the wallet shows another preimage");

// The same request, byte for byte, with the proof. Keep it: it is good for offer.uses requests, here one.
const paid = await fetch(url, { headers: { authorization: `L402 ${offer.token}:${payment.preimage}` } });
console.log(paid.status, await paid.text());
server.close();
