import { Hono } from "hono";
import { readArguments } from "./arguments.ts";
import { openModule, openRegtest } from "./backend.ts";
import { listen } from "./listen.ts";
import { openShop } from "./shop.ts";
import { openShowroom } from "./showroom.ts";
import { inWords, type Step } from "./story.ts";
import { takeTour } from "./tour.ts";
import { openWalletDoor } from "./wallet-door.ts";

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
if (!args.json && args.provider === undefined) {
  console.log("L402 demo · regtest: real Lightning on a private play-money network. No real bitcoin.\n");
}

const backend = await (args.provider === undefined ? openRegtest() : openModule(args.provider)).catch(
  (error: Error) => {
    console.error(error.message);
    process.exit(1);
  },
);
const { wallet, balances } = backend;
const tellBalances = () => tell({ step: "balances", sats: balances() });
tell({ step: "started", nodes: backend.names, ms: elapsed() });
tellBalances();

const hasPlayMoney = args.provider === undefined;
const showroom = openShowroom(backend, { hasPlayMoney });
const shop = openShop(backend, showroom.onEvent);
const app = new Hono().route("/", showroom.app).route("/", shop);
if (hasPlayMoney) app.route("/demo/wallet", openWalletDoor(wallet));
const server = await listen(app.fetch, args.once ? 0 : args.port);

function close(): void {
  server.close();
  backend.close();
}

await takeTour(server.url, wallet, tell);
await backend.idle();
if (!args.json) console.log();
tellBalances();
await showroom.publishBalances();
tell({ step: "done", ms: elapsed() });

if (args.once) {
  close();
} else {
  const moved = server.port !== args.port && args.port !== 0;
  const note = moved && { note: `Port ${args.port} is taken.` };
  tell({ step: "serving", url: server.url, hasPlayMoney, ...note });
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      close();
      process.exit(0);
    });
  }
}
