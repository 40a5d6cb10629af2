import { once } from "node:events";
import { createL402Client } from "@l402/client";
import { server, wallet } from "./shop.mjs";

if (!server.listening) await once(server, "listening");
const client = createL402Client({ wallet, network: "regtest", budget: { perRequestSats: 20, perDaySats: 1000 } });
const response = await client.fetch(`http://localhost:${process.env.PORT ?? 3000}/weather`);
console.log(response.status, await response.json(), client.paymentOf(response)?.amountMsat, "msat");
server.close();
