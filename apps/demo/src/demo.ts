import { isL402Error } from "@l402/core";
import { Hono } from "hono";
import { readArguments } from "./arguments.ts";
import { openOwn, openRegtest } from "./backend.ts";
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

// What reads the output has had enough of it, such as `head`.
process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => process.exit(code === "EPIPE" ? 0 : 1));
const tell = (step: Step) => console.log(args.json ? JSON.stringify(step) : inWords(step));
const began = performance.now();
const elapsed = () => Math.round(performance.now() - began);
const hasPlayMoney = args.provider === undefined;
if (!args.json && hasPlayMoney) {
  console.log("L402 demo · regtest: real Lightning on a private play-money network. No real bitcoin.\n");
}

function giveUp(error: Error): never {
  console.error(isL402Error(error) ? `${error.message} ${error.hint ?? ""}` : error.message.split("\n", 1)[0]);
  process.exit(1);
}

const backend = await (args.provider === undefined ? openRegtest() : openOwn(args.provider)).catch(giveUp);
const { wallet, balances, network } = backend;
if (!args.json && !hasPlayMoney)
  console.log(`L402 demo · your own backend, with the money of the network ${network}.\n`);
const tellBalances = () => tell({ step: "balances", sats: balances() });
tell({ step: "started", nodes: backend.names, ms: elapsed() });
tellBalances();

const showroom = openShowroom(backend, { hasPlayMoney });
const shop = openShop(backend, showroom.onEvent);
const app = new Hono().route("/", showroom.app).route("/", shop);
if (hasPlayMoney) app.route("/demo/wallet", openWalletDoor(wallet, showroom.publishBalances));
const server = await listen(app.fetch, args.once ? 0 : args.port);

function close(): void {
  server.close();
  backend.close();
}

await takeTour(server.url, wallet, tell).catch(giveUp);
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
