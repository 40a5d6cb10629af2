import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type AdapterApp, type AdapterRoute, describeAdapter } from "@l402/testing";
import express5, { type Request, type RequestHandler } from "express";
// @ts-expect-error Only Express 5 has types here; the adapter is written against those.
import express4 from "express-4";
import { describe, it } from "vitest";
import { l402 } from "../src/index.ts";

for (const [name, express] of Object.entries({ "Express 5": express5, "Express 4": express4 as typeof express5 })) {
  describeAdapter(
    { describe, it },
    {
      name,
      start: (app) => serve(express, app),
      skip: { "treats clients that leave over HTTP/2 like those that leave over HTTP/1": `${name} has no HTTP/2` },
    },
  );
}

async function serve(express: typeof express5, { paywall, routes }: AdapterApp) {
  const app = express().set("env", "test");
  for (const { method, path, mount: prefix, terms, run } of routes) {
    const native = typeof terms === "function" ? (req: Request) => terms({ header: (name) => req.get(name) }) : terms;
    const verb = method.toLowerCase() as "get" | "post" | "options";
    const router = express.Router();
    router[verb](path, express.text({ type: () => true }), l402(paywall, native), handlerOf(run));
    app.use(prefix || "/", router);
  }
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

const handlerOf =
  (run: AdapterRoute["run"]): RequestHandler =>
  (req, res, next) => {
    const task = run();
    if (task.type === "throw") throw task.error;
    if (task.type === "reply") res.status(task.status).send(task.body);
    if (task.type === "echo") res.send(req.body);
    if (task.type === "wait") task.body.then((body) => res.send(body)).catch(next);
    if (task.type === "stream") {
      res.type("text/event-stream");
      (async () => {
        for await (const chunk of task.chunks) res.write(chunk);
        res.end();
      })().catch(next);
    }
  };
