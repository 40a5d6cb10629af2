import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createMemoryUseStore, createPaywall } from "@l402/core";
import { fakeLightning } from "@l402/testing";
import { afterAll } from "vitest";

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

/**
 * A shop whose paths below /paid/ cost 10 sats and can be used three times, those below /once/ once, and the door to the
 * wallet that pays there: a Lightning node in memory, since here it is the agent and the server who are hostile.
 */
export async function openMcpShop(handlers: Record<string, Handler>) {
  const lightning = fakeLightning();
  const paywall = createPaywall({
    provider: lightning.provider,
    secret: "a secret for tests, at least 32 bytes long",
    useStore: createMemoryUseStore(),
    network: "regtest",
    challengeLimiter: false,
  });
  const gates = new Map([
    ["paid", paywall.gate({ price: 10, uses: 3 })],
    ["once", paywall.gate({ price: 10 })],
  ]);
  const requests: IncomingMessage[] = [];
  const secrets: string[] = [];
  const shop = createServer(async (request, response) => {
    requests.push(request);
    const { method = "GET", url: path = "/", headers } = request;
    const gate = gates.get(path.split("/")[1] ?? "");
    if (gate) {
      const decision = await gate({ method, path, header: (name) => headers[name] });
      if (decision.outcome === "denied") {
        const { status, headers: answered, body } = decision.reply;
        if (decision.challenge) secrets.push(decision.challenge.token, decision.challenge.invoice);
        return response.writeHead(status, answered.flat()).end(body);
      }
      secrets.push(...(headers.authorization?.split(/[ :]/).slice(1) ?? []));
    }
    const handle = handlers[path.replace(/^\/(paid|once)/, "")] ?? (() => response.end("Sunny"));
    return handle(request, response);
  });

  const door = createServer(async (request, response) => {
    const { bolt11, paymentHash, maxFeeMsat } = JSON.parse(Buffer.concat(await request.toArray()).toString());
    asked.shift()?.();
    await settings.hold;
    const { wallet } = lightning;
    const answer = bolt11 ? wallet.payInvoice({ bolt11, maxFeeMsat }) : wallet.lookupPayment(paymentHash);
    response.end(JSON.stringify(await answer));
  });
  /** What a payment waits for. */
  const settings: { hold?: Promise<void> } = {};
  const asked: (() => void)[] = [];
  const [url, doorUrl] = [await listen(shop), await listen(door)];
  afterAll(() => {
    for (const each of [shop, door]) each.close().closeAllConnections();
  });

  return {
    url,
    host: url.slice("http://".length),
    lightning,
    /** What reached the shop. */
    requests,
    /** Tokens, invoices and preimages. */
    secrets,
    /** Payments wait from now on. Answers what lets them go on, and when the wallet was asked the next time. */
    hold() {
      let release = () => {};
      settings.hold = new Promise((resolve) => {
        release = resolve;
      });
      return { release, arrival: new Promise<void>((resolve) => asked.push(resolve)) };
    },
    env: {
      L402_WALLET: "./packages/cli/test/noisy-wallet.mjs",
      L402_NETWORK: "regtest",
      L402_ALLOWED_HOSTS: url.slice("http://".length),
      TEST_WALLET_URL: doorUrl,
    },
  };
}

async function listen(server: ReturnType<typeof createServer>): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
