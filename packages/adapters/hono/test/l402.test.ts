import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { type AdapterApp, type AdapterRoute, describeAdapter } from "@l402/testing";
import { type Context, Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { stream } from "hono/streaming";
import { describe, it } from "vitest";
import { l402 } from "../src/index.ts";

describeAdapter(
  { describe, it },
  {
    name: "Hono 4",
    start: (app) => start(app),
    startHttp2: (app) => start(app, { createServer }),
    badRequest: () => new HTTPException(400),
  },
);

async function start({ paywall, routes }: AdapterApp, options = {}) {
  const app = new Hono();
  app.onError((error, c) => (error instanceof HTTPException ? error.getResponse() : c.text("sorry", 500)));
  for (const { method, path, mount, terms, run } of routes) {
    const native =
      typeof terms === "function" ? (c: Context) => terms({ header: (name) => c.req.header(name) }) : terms;
    const subApp = new Hono().on(method, path, l402(paywall, native), (c) => handle(c, run()));
    app.route(mount || "/", subApp);
  }
  const server = serve({ fetch: app.fetch, ...options, port: 0, hostname: "127.0.0.1" });
  await once(server, "listening");
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

function handle(c: Context, task: ReturnType<AdapterRoute["run"]>): Response | Promise<Response> {
  if (task.type === "throw") throw task.error;
  if (task.type === "reply") return c.text(task.body, task.status as 200);
  if (task.type === "echo") return c.req.text().then((body) => c.text(body));
  if (task.type === "wait") return task.body.then((body) => c.text(body));
  c.header("Content-Type", "text/event-stream");
  return stream(c, async (out) => {
    for await (const chunk of task.chunks) await out.write(chunk);
  });
}
