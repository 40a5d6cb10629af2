import { equal } from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { type AdapterApp, type AdapterRoute, describeAdapter, fakeLightning, payChallenge } from "@l402/testing";
import { describe, it } from "vitest";
import { createMemoryUseStore, createPaywall } from "../src/index.ts";
import { withL402 } from "../src/web.ts";

/** The servers that come with Bun and Deno; this file runs there too. */
const platform = globalThis as {
  Bun?: { serve(options: object): { port: number; upgrade(request: Request): boolean; stop(now: boolean): unknown } };
  Deno?: {
    serve(options: object, handler: FetchHandler): { addr: { port: number }; shutdown(): unknown };
    upgradeWebSocket(request: Request): { socket: Socket; response: Response };
  };
};

describeAdapter(
  { describe, it },
  {
    name: "withL402",
    start: serve,
    badRequest: () => new Response("that cannot be sold", { status: 400 }),
    hidesAddresses: true,
    skip: {
      "treats clients that leave over HTTP/2 like those that leave over HTTP/1":
        "it is given a Request, and its signal, by whoever speaks HTTP",
    },
  },
);

// Deno's signal says that the client of a WebSocket has left, and Bun's handlers return nothing.
if (platform.Bun || platform.Deno) it("withL402 keeps the use of a WebSocket", sellWebSocket);

type FetchHandler = (request: Request) => Promise<Response>;

interface Socket {
  send(text: string): void;
  onopen?: () => void;
}

async function serve({ paywall, routes }: AdapterApp) {
  const handlers: { target: RegExp; handler: FetchHandler }[] = [];
  for (const { method, path, mount, terms, run } of routes) {
    const native =
      typeof terms === "function"
        ? (request: Request) => terms({ header: (name) => request.headers.get(name) ?? undefined })
        : terms;
    const target = new RegExp(`^${method} ${(mount + path).replace(/:\w+/, "[^/]+")}$`);
    handlers.push({ target, handler: withL402(paywall, native, (request: Request) => handle(request, run())) });
  }
  const fetch: FetchHandler = async (request) => {
    // Bun makes an invalid URL of a strange Host header, and passes it on.
    if (!URL.canParse(request.url)) return new Response(null, { status: 400 });
    const asked = `${request.method.replace("HEAD", "GET")} ${new URL(request.url).pathname}`;
    const route = handlers.find(({ target }) => target.test(asked));
    if (!route) return new Response(null, { status: 404 });
    return route.handler(request).catch(() => new Response("sorry", { status: 500 }));
  };
  const { port, close } = await listen(fetch);
  return { url: `http://127.0.0.1:${port}`, close };
}

async function listen(fetch: FetchHandler): Promise<{ port: number; close(): unknown }> {
  const hostname = "127.0.0.1";
  if (platform.Bun) {
    const server = platform.Bun.serve({ fetch, hostname, port: 0 });
    return { port: server.port, close: () => server.stop(true) };
  }
  if (platform.Deno) {
    const server = platform.Deno.serve({ hostname, port: 0, onListen() {} }, fetch);
    return { port: server.addr.port, close: () => server.shutdown() };
  }
  const server = createServer(async (incoming, outgoing) =>
    respond(await fetch(toRequest(incoming, signalOf(outgoing))), incoming, outgoing),
  );
  await once(server.listen(0, hostname), "listening");
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

async function sellWebSocket(): Promise<void> {
  const { provider, wallet } = fakeLightning();
  const events: string[] = [];
  const paywall = createPaywall({
    provider,
    secret: "a secret for tests, at least 32 bytes long",
    useStore: createMemoryUseStore(),
    network: "regtest",
    onEvent: ({ type }) => events.push(type),
  });
  const sold = withL402(paywall, { price: 10 }, (request: Request) => {
    const upgraded = platform.Deno?.upgradeWebSocket(request);
    if (upgraded) upgraded.socket.onopen = () => upgraded.socket.send("goods");
    else bun?.upgrade(request);
    return upgraded?.response as Response;
  });
  const websocket = { open: (socket: Socket) => socket.send("goods"), message() {} };
  const bun = platform.Bun?.serve({ fetch: sold, websocket, hostname: "127.0.0.1", port: 0 });
  const deno = platform.Deno?.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, sold);
  const address = `127.0.0.1:${bun?.port ?? deno?.addr.port}/feed`;

  const authorization = await payChallenge(wallet, await fetch(`http://${address}`));
  const get = () =>
    new Promise((resolve) => {
      const socket = new WebSocket(`ws://${address}`, { headers: { authorization } } as never);
      socket.onmessage = ({ data }) => resolve(socket.close() ?? data);
      socket.onclose = () => resolve("refused");
      socket.onerror = () => resolve("refused");
    });
  equal(await get(), "goods");
  equal(await get(), "refused");
  equal(events.includes("released"), false);
  await (bun?.stop(true) ?? deno?.shutdown());
}

function respond(response: Response, incoming: IncomingMessage, outgoing: ServerResponse): void {
  outgoing.writeHead(response.status, [...response.headers].flat());
  if (response.body && incoming.method !== "HEAD") Readable.fromWeb(response.body as never).pipe(outgoing);
  else outgoing.end();
}

/** Returns a signal that aborts when the client has left. */
function signalOf(outgoing: ServerResponse): AbortSignal {
  const gone = new AbortController();
  outgoing.on("close", () => outgoing.writableFinished || gone.abort());
  return gone.signal;
}

function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers();
  for (let i = 0; i < incoming.rawHeaders.length; i += 2) {
    headers.append(incoming.rawHeaders[i] as string, incoming.rawHeaders[i + 1] as string);
  }
  const hasBody = !["GET", "HEAD", "OPTIONS"].includes(incoming.method as string);
  const body = hasBody ? { body: Readable.toWeb(incoming) as never, duplex: "half" } : {};
  const { url = "/" } = incoming;
  const absolute = /^https?:/i.test(url) ? url.replace("user@", "") : `http://127.0.0.1${url.replace(/^[^/]/, "/$&")}`;
  return new Request(absolute, {
    method: incoming.method as string,
    headers,
    signal,
    ...body,
  } as RequestInit);
}

function handle(request: Request, task: ReturnType<AdapterRoute["run"]>): Response | Promise<Response> {
  if (task.type === "throw") throw task.error;
  if (task.type === "reply") return new Response(task.body, { status: task.status });
  if (task.type === "echo") return new Response(request.body);
  if (task.type === "wait") return task.body.then((body) => new Response(body));
  const encoder = new TextEncoder();
  const chunks = task.chunks[Symbol.asyncIterator]();
  const body = new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}
