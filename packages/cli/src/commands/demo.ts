import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createL402Client } from "@l402/client";
import { createMemoryUseStore, createPaywall, L402Error } from "@l402/core";
import { EXIT } from "../exit-codes.ts";
import { green, type Io, yellow } from "../io.ts";
import { jsonLine } from "../json-line.ts";
import type { Arguments } from "../read-arguments.ts";
import { inSats } from "../words.ts";

/** Runs a sale on real Lightning with play money: a seller, a router and a buyer, all in this process. */
export async function demoCommand(args: Arguments, io: Io): Promise<number> {
  const { startRegtest } = await import("@l402/regtest").catch(() => {
    throw new L402Error("CONFIG_INVALID", "The demo needs @l402/regtest, which is not installed.", {
      hint: "Run: npx -p @l402/cli -p @l402/regtest l402 demo",
    });
  });
  const tell = (line: string) => void (args.json || io.stdout(`${line}\n`));
  tell("The demo starts three Lightning nodes in this process: a buyer, a seller, and a router between them.");
  tell("It uses play money: no real bitcoin, no account and no internet connection.\n");
  const { nodes, close } = await startRegtest({ nodes: ["buyer", "router", "seller"] });
  const paywall = createPaywall({
    provider: nodes.seller.provider,
    secret: randomBytes(32).toString("hex"),
    useStore: createMemoryUseStore(),
    network: "regtest",
  });
  const weather = paywall.gate({ price: 10 });
  const server = createServer(async (request, response) => {
    const header = (name: string) => request.headers[name];
    const decision = await weather({ method: request.method ?? "GET", path: request.url ?? "/", header });
    if (decision.outcome === "granted") response.end("Sunny, 21 °C");
    else response.writeHead(decision.reply.status, decision.reply.headers.flat()).end(decision.reply.body);
  });
  try {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/weather`;
    const client = createL402Client({
      wallet: nodes.buyer.wallet,
      network: "regtest",
      onChallenge: ({ amountMsat }) =>
        tell(`← ${yellow(io.colours.stdout, "402 Payment Required:")} ${inSats(amountMsat)}, and an invoice`),
      onPayment({ amountMsat, feeMsat }) {
        tell(`⚡ The buyer paid ${inSats(amountMsat)} over Lightning, plus a routing fee of ${inSats(feeMsat)}`);
        tell("→ GET /weather, with the proof of payment");
      },
    });
    tell("→ GET /weather");
    const response = await client.fetch(url);
    const body = await response.text();
    tell(`← ${green(io.colours.stdout, String(response.status))} ${body}`);
    tell("\nTo use your own wallet, see: l402 --help");
    if (args.json) {
      await io.stdout(jsonLine({ status: response.status, body, payment: client.paymentOf(response) }));
    }
    return response.status === 200 ? EXIT.ok : EXIT.notBought;
  } finally {
    server.close();
    close();
  }
}
