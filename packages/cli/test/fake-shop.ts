import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createMemoryUseStore, createPaywall, type PaywallOptions } from "@l402/core";
import { fakeLightning } from "@l402/testing";
import { afterAll } from "vitest";

type Answer = (request: IncomingMessage, response: ServerResponse, challenge: Challenge) => unknown;
interface Challenge {
  token: string;
  invoice: string;
}

/** A server whose answers can be wrong, with invoices of a Lightning node in memory: for what pays nothing. */
export async function openFakeShop(routes: Record<string, Answer>, options: Partial<PaywallOptions> = {}) {
  const lightning = fakeLightning();
  const paywall = createPaywall({
    provider: lightning.provider,
    secret: "a secret for tests, at least 32 bytes long",
    useStore: createMemoryUseStore(),
    network: "regtest",
    challengeLimiter: false,
    ...options,
  });
  const gate = paywall.gate({ price: 10 });
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const header = (name: string) => request.headers[name];
    const decision = await gate({ method: request.method ?? "GET", path, header });
    if (decision.outcome === "granted") return response.writeHead(500).end();
    const answer = routes[path];
    if (answer && "challenge" in decision && decision.challenge) return answer(request, response, decision.challenge);
    return response.writeHead(decision.reply.status, decision.reply.headers.flat()).end(decision.reply.body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  afterAll(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, lightning };
}
