import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { withL402 } from "@l402/core/web";
import type { AdapterRoute, AdapterSubject } from "../../src/index.ts";

/** Serves the kit's app through `withL402`, the way Next, Bun, Deno and Workers call handlers. */
export const serveFetchHandlers: AdapterSubject = {
  name: "withL402",
  async start({ paywall, routes }) {
    const handlers = new Map(
      routes.map((route): [string, (request: Request) => Promise<Response>] => [
        `${route.method} ${route.path}`,
        withL402(paywall, nativeTerms(route), handlerOf(route)),
      ]),
    );
    const server = createServer((incoming, outgoing) => {
      const method = incoming.method === "HEAD" ? "GET" : incoming.method;
      const handler = handlers.get(`${method} ${incoming.url?.split("?")[0]}`);
      answer(incoming, outgoing, handler).catch(() => outgoing.writeHead(500).end());
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
  },
};

function nativeTerms({ terms }: AdapterRoute) {
  if (typeof terms !== "function") return terms;
  return (request: Request) => terms({ header: (name) => request.headers.get(name) ?? undefined });
}

const handlerOf = (route: AdapterRoute) => async (request: Request) => {
  const task = route.run();
  if (task.type === "throw") throw task.error;
  if (task.type === "reply") return new Response(task.body, { status: task.status });
  if (task.type === "echo") return new Response(request.body);
  const stream = Readable.toWeb(Readable.from(task.chunks).map((chunk: string) => new TextEncoder().encode(chunk)));
  return new Response(stream as BodyInit, { headers: { "Content-Type": "text/event-stream" } });
};

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  handler: (request: Request) => Promise<Response> = async () => new Response(null, { status: 404 }),
) {
  const { method = "GET", url = "/", headersDistinct } = incoming;
  const headers = Object.entries(headersDistinct).flatMap(([name, lines = []]) => lines.map((line) => [name, line]));
  const body = method === "GET" || method === "HEAD" ? null : (Readable.toWeb(incoming) as BodyInit);
  const init = { method, headers: headers as [string, string][], body, duplex: "half" };
  const response = await handler(new Request(`http://127.0.0.1${url}`, init));
  for (const [name, value] of response.headers) outgoing.appendHeader(name, value);
  outgoing.writeHead(response.status);
  if (response.body) for await (const chunk of response.body as ReadableStream) outgoing.write(chunk);
  outgoing.end();
}
