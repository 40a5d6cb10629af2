import { once } from "node:events";
import { createL402Client } from "@l402/client";
import { isL402Error } from "@l402/core";
import { server, wallet } from "./shop.mjs";

if (!server.listening) await once(server, "listening");
const client = createL402Client({
  wallet,
  network: "regtest",
  budget: { perRequestSats: 20, perDaySats: 25, totalSats: 10_000 },
  approve: (quote) => quote.amountMsat <= 10_000, // ask a person here
});
const url = `http://localhost:${process.env.PORT ?? 3000}/weather`;

console.log("price:", (await client.quote(url))?.amountMsat, "msat");
try {
  for (;;) console.log((await client.fetch(url)).status);
} catch (error) {
  if (!isL402Error(error)) throw error;
  console.log(error.code, "· money moved:", error.fundsMoved);
}
console.log("spent:", (await client.spending()).totalMsat, "msat");
server.close();
