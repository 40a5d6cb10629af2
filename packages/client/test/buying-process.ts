// Waits for a message, then buys the same thing several times at once and prints the results:
// buying-process.ts <file> <url> <times> <sats>
import { isL402Error } from "@l402/core";
import { createL402Client } from "../src/index.ts";
import { createFileClientStore } from "../src/node.ts";
import { walletAt } from "./shop-server.ts";

const [path = "", url = "", times = "1", totalSats = "1000"] = process.argv.slice(2);
const client = createL402Client({
  wallet: walletAt(new URL(url).origin),
  network: "regtest",
  store: createFileClientStore({ path }),
  budget: { totalSats: Number(totalSats) },
});

const buy = async () => {
  try {
    return String((await client.fetch(url)).status);
  } catch (error) {
    return isL402Error(error) ? error.code : String(error);
  }
};
process.once("message", async () => {
  process.send?.(await Promise.all(Array.from({ length: Number(times) }, buy)));
});
process.send?.("ready");
