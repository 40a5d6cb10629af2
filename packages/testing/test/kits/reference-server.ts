import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import type { Paywall } from "@l402/core";
import type { AdapterRoute, AdapterSubject } from "../../src/index.ts";
import { l402 } from "./reference-adapter.ts";

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** What a test breaks in an adapter. */
export interface Breakage {
  paywall?: (paywall: Paywall) => Paywall;
  handler?: (handler: Handler) => Handler;
}

const intact = <Part>(part: Part) => part;

/** Serves the kit's app through the reference adapter, on node:http and node:http2. */
export const serveThroughReferenceAdapter = (breakage: Breakage = {}): AdapterSubject => ({
  name: "the reference adapter",
  start: serveOn(createServer, breakage),
  startHttp2: serveOn(createHttp2Server as never, breakage),
});

const serveOn =
  (create: typeof createServer, { paywall: change = intact, handler = intact }: Breakage): AdapterSubject["start"] =>
  async ({ paywall, routes }) => {
    const listeners = routes.map((route) => {
      const path = (route.mount + route.path).replace(/:\w+/, "[^/?]+");
      const target = new RegExp(`^${route.method} ${path}(\\?.*)?$`);
      return { target, listener: l402(change(paywall), nativeTerms(route), handler(handlerOf(route))) };
    });
    const server = create((request, response) => {
      const method = request.method === "HEAD" ? "GET" : request.method;
      const route = listeners.find(({ target }) => target.test(`${method} ${request.url}`));
      // As frameworks deal with what is thrown.
      if (route) route.listener(request, response).catch(({ status = 500 }) => response.writeHead(status).end());
      else response.writeHead(404).end();
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
  };

function nativeTerms({ terms }: AdapterRoute) {
  if (typeof terms !== "function") return terms;
  return (request: IncomingMessage) => terms({ header: (name) => request.headers[name]?.toString() });
}

const handlerOf =
  (route: AdapterRoute): Handler =>
  async (request, response) => {
    const task = route.run();
    if (task.type === "throw") throw task.error;
    if (task.type === "reply") response.writeHead(task.status).write(task.body);
    if (task.type === "echo") for await (const chunk of request) response.write(chunk);
    if (task.type === "wait") response.write(await task.body);
    if (task.type === "stream") {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      for await (const chunk of task.chunks) response.write(chunk);
    }
  };
