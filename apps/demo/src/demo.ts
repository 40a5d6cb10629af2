import { startRegtest } from "@l402/regtest";
import { Hono } from "hono";
import { readArguments } from "./arguments.ts";
import { listen } from "./listen.ts";
import { openShop } from "./shop.ts";
import { openShowroom } from "./showroom.ts";
import { inWords, type Step } from "./story.ts";
import { takeTour } from "./tour.ts";

const args = readArguments(process.argv.slice(2));
if ("exitCode" in args) {
  console[args.exitCode ? "error" : "log"](args.text);
  process.exit(args.exitCode);
}
if (process.env.NODE_ENV === "production") {
  console.error("The demo sells for play money, so it does not run with NODE_ENV=production.");
  process.exit(1);
}

const tell = (step: Step) => console.log(args.json ? JSON.stringify(step) : inWords(step));
const began = performance.now();
const elapsed = () => Math.round(performance.now() - began);
if (!args.json) console.log("L402 demo · regtest: real Lightning on a private play-money network. No real bitcoin.\n");

const regtest = await startRegtest({ nodes: ["buyer", "router", "seller"] });
const { buyer, router, seller } = regtest.nodes;
const routerStartMsat = router.balance().ownedMsat;
const balances = () => ({
  buyer: buyer.balance().ownedMsat / 1000,
  // What it has earned; the rest of its money is there from the beginning.
  router: (router.balance().ownedMsat - routerStartMsat) / 1000,
  seller: seller.balance().ownedMsat / 1000,
});
tell({ step: "started", nodes: Object.keys(regtest.nodes), ms: elapsed() });
tell({ step: "balances", sats: balances() });

const showroom = openShowroom({ wallet: buyer.wallet, balances, idle: regtest.idle });
const shop = openShop(seller.provider, showroom.onEvent);
const app = new Hono().route("/", showroom.app).route("/", shop);
const server = await listen(app.fetch, args.once ? 0 : args.port);

function close(): void {
  server.close();
  regtest.close();
}

await takeTour(server.url, buyer.wallet, tell);
await regtest.idle();
if (!args.json) console.log();
tell({ step: "balances", sats: balances() });
await showroom.publishBalances();
tell({ step: "done", ms: elapsed() });

if (args.once) {
  close();
} else {
  const moved = server.port !== args.port && args.port !== 0;
  tell({ step: "serving", url: server.url, ...(moved && { note: `Port ${args.port} is taken.` }) });
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      close();
      process.exit(0);
    });
  }
}
