import { once } from "node:events";
import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { type Duplex, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { serve } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { createMemoryUseStore, createPaywall } from "@l402/core";
import { fakeLightning, payChallenge } from "@l402/testing";
import { type Context, Hono } from "hono";
import { describe, expect, it } from "vitest";
import { l402 } from "../src/index.ts";

/** An app with one route, and the client keys that its paywall got to see. */
function openShop(handler: (c: Context) => Response | Promise<Response> = () => new Response("the goods")) {
  const seen: (string | undefined)[] = [];
  const { provider, wallet } = fakeLightning();
  const take = (clientKey: string | undefined) => {
    seen.push(clientKey);
    return { allowed: true as const };
  };
  const events: string[] = [];
  const paywall = createPaywall({
    provider,
    secret: "a secret for tests, at least 32 bytes long",
    useStore: createMemoryUseStore(),
    network: "regtest",
    challengeLimiter: { take },
    onEvent: ({ type }) => events.push(type),
  });
  const app = new Hono().get("/weather", l402(paywall, { price: 10 }), handler);
  return { app, seen, wallet, events, paywall };
}

describe("Hono tells clients apart by their address", () => {
  it("behind @hono/node-server", async () => {
    const { app, seen } = openShop();
    const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
    await once(server, "listening");
    await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/weather`);
    server.close();
    expect(seen).toEqual(["127.0.0.1"]);
  });

  it.each([
    ["Deno.serve", { remoteAddr: { transport: "tcp", hostname: "192.0.2.1", port: 1 } }, "192.0.2.1"],
    ["Bun.serve", { requestIP: (request: Request) => (request.url ? { address: "192.0.2.2" } : null) }, "192.0.2.2"],
    ["Bun.serve, when the connection has gone", { requestIP: () => null }, undefined],
    ["Workers, which do not tell it", { KV: {} }, undefined],
    ["a test without a server", undefined, undefined],
  ])("behind %s", async (_, env, address) => {
    const { app, seen } = openShop();
    expect((await app.request("/weather", {}, env)).status).toBe(402);
    expect(seen).toEqual([address]);
  });
});

it("Hono keeps apart what the app's own getPath keeps apart, also where an address has percent signs", async () => {
  const { paywall, wallet } = openShop();
  const getPath = ({ url }: Request) => url.replace(/^[^:]+:\/\//, "/");
  const app = new Hono({ getPath }).get("/*", l402(paywall, { price: 10 }), (c) => c.text("the goods"));
  const authorization = await payChallenge(wallet, await app.request("http://cheap.example/%7Ea"));
  const ask = async (url: string) => (await app.request(url, { headers: { authorization } })).status;
  expect(await ask("http://dear.example/%7Ea")).toBe(402);
  expect(await ask("http://cheap.example/%7Ea")).toBe(200);
});

it("Hono gives the use back when the handler forgets to answer", async () => {
  const { app, wallet, events } = openShop(() => undefined as unknown as Response);
  const authorization = await payChallenge(wallet, await app.request("/weather"));
  app.onError((_error, c) => c.text("sorry", 500));
  // Java's client asks for HTTP/2 in this way.
  const headers = { authorization, upgrade: "h2c" };
  expect((await app.request("/weather", { headers })).status).toBe(500);
  expect(events.at(-1)).toBe("released");
});

it("Hono sends on what fetch answers, whose headers cannot be changed", async () => {
  const { app, wallet } = openShop(() => fetch("data:text/plain,goods"));
  const authorization = await payChallenge(wallet, await app.request("/weather"));
  const response = await app.request("/weather", { headers: { authorization } });
  expect([response.headers.get("vary"), await response.text()]).toEqual(["Authorization", "goods"]);
});

it("Hono passes a WebSocket's response on as it is, and keeps the use", async () => {
  // No Response of Node can have this status; that of Deno cannot be copied.
  const upgraded = Object.defineProperty(new Response(null), "status", { value: 101 });
  const { app, wallet, events } = openShop(() => upgraded);
  const authorization = await payChallenge(wallet, await app.request("/weather"));
  expect(await app.request("/weather", { headers: { authorization } })).toBe(upgraded);
  expect([...upgraded.headers]).toEqual([]);
  expect(events.at(-1)).toBe("granted");
});

describe("Hono keeps the use of what its handler served on the connection itself:", () => {
  /** What a buyer gets who shows a credential for one use again and again. */
  async function statusesOf(url: string, shop: ReturnType<typeof openShop>) {
    const authorization = await payChallenge(shop.wallet, await fetch(url));
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++) {
      const response = await fetch(url, { headers: { authorization } }).catch(() => undefined);
      await response?.text().catch(() => {});
      statuses.push(response?.status ?? 0);
    }
    return statuses;
  }

  async function serving(shop: ReturnType<typeof openShop>) {
    const server = serve({ fetch: shop.app.fetch, port: 0, hostname: "127.0.0.1" });
    await once(server, "listening");
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/weather`, close: () => server.close() };
  }

  it("an answer of Node's own response", async () => {
    const shop = openShop(async ({ env: { outgoing } }) => {
      outgoing.writeHead(200);
      await pipeline(Readable.from(["the ", "goods"]), outgoing);
      return RESPONSE_ALREADY_SENT;
    });
    const { url, close } = await serving(shop);
    expect(await statusesOf(url, shop)).toEqual([200, 402, 402]);
    close();
  });

  it("but not where that says 500", async () => {
    const shop = openShop(({ env: { outgoing } }) => {
      outgoing.writeHead(500).end("sorry");
      return RESPONSE_ALREADY_SENT;
    });
    const { url, close } = await serving(shop);
    expect(await statusesOf(url, shop)).toEqual([500, 500, 500]);
    close();
  });

  it.each([
    ["a WebSocket on Node's connection, whose handler waits for its end", "websocket", () => RESPONSE_ALREADY_SENT],
    [
      "another protocol on Node's connection, whose handler fails at its end",
      "tunnel",
      () => {
        throw new Error("The client has left.");
      },
    ],
  ])("%s", async (_, upgrade, finish) => {
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const shop = openShop(async ({ env: { incoming } }) => {
      const closed = once(incoming.socket, "close");
      incoming.socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${upgrade}\r\nConnection: Upgrade\r\n\r\n`);
      await closed;
      setTimeout(end, 20);
      return finish();
    });
    shop.app.onError((_error, c) => c.text("sorry", 500));
    const { url, close } = await serving(shop);
    const authorization = await payChallenge(shop.wallet, await fetch(url));
    const headers = { authorization, connection: "Upgrade", upgrade };
    const [, socket] = (await once(request(url, { headers }).end(), "upgrade")) as [unknown, Duplex];
    socket.destroy();
    await ended;
    expect((await fetch(url, { headers: { authorization } })).status).toBe(402);
    close();
  });

  it("a WebSocket of Bun, whose handler answers nothing", async () => {
    const { app, wallet, events } = openShop(() => undefined as unknown as Response);
    const authorization = await payChallenge(wallet, await app.request("/weather"));
    app.onError((_error, c) => c.text("", 500));
    await app.request("/weather", { headers: { authorization, upgrade: "WebSocket" } });
    expect(events.at(-1)).toBe("granted");
  });

  it("a WebSocket of Deno, whose signal says that the client has left", async () => {
    const gone = new AbortController();
    const { app, wallet, events } = openShop(() => {
      gone.abort();
      return Object.defineProperty(new Response(null), "status", { value: 101 });
    });
    const authorization = await payChallenge(wallet, await app.request("/weather"));
    const headers = { authorization, upgrade: "websocket" };
    await app.request("/weather", { headers, signal: gone.signal });
    expect(events.at(-1)).toBe("granted");
  });
});
