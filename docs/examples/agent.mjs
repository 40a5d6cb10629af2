import { once } from "node:events";
import { createL402Client } from "@l402/client";
import { isL402Error } from "@l402/core";
import { server, wallet } from "./shop.mjs";

const agent = createL402Client({
  wallet,
  network: "regtest",
  budget: { perRequestSats: 50, perOriginSats: 25, perHourSats: 500, perDaySats: 1_000 },
  approve: async ({ origin, amountMsat }) =>
    amountMsat <= 10_000 || askAPerson(`${origin} for ${amountMsat / 1000} sats?`),
});
await agent.resume(); // what an earlier run left open

/** A tool for a model: what it answers says what became of the money. Once `signal` stops it, it begins no payment. */
async function fetchPaid(url, signal) {
  let payment;
  try {
    const response = await agent.fetch(url, { signal });
    payment = agent.paymentOf(response);
    const paidMsat = payment?.paidNow ? payment.amountMsat : 0;
    return { status: response.status, text: await response.text(), paidMsat };
  } catch (error) {
    // The answer to what was just paid may break off: to ask again may be to pay again.
    if (payment?.paidNow) return { error: "BROKEN_OFF", hint: "Ask your user first.", fundsMoved: "yes" };
    if (!isL402Error(error)) return { error: "NETWORK", hint: "Try again later.", fundsMoved: "no" };
    // Finds out what became of it. Then the same call uses what arrived, or buys it.
    if (error.code === "PAYMENT_OUTCOME_UNKNOWN") await agent.resume();
    return { error: error.code, message: error.message, hint: error.hint, fundsMoved: error.fundsMoved };
  }
}

const askAPerson = async (_question) => false; // your own way to ask

if (!server.listening) await once(server, "listening");
const url = `http://localhost:${process.env.PORT ?? 3000}/weather`;
for (let i = 0; i < 3; i++) console.log(await fetchPaid(url, AbortSignal.timeout(60_000)));
server.close();
