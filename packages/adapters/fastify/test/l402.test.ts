import { Readable } from "node:stream";
import { type AdapterApp, describeAdapter } from "@l402/testing";
import { type FastifyInstance, type FastifyRequest, fastify, type RouteOptions } from "fastify";
import { describe, it } from "vitest";
import { l402 } from "../src/index.ts";

describeAdapter({ describe, it }, { name: "Fastify 5", start: (app) => serve(fastify(), app), startHttp2 });

// To types, an app on HTTP/2 is another one; its routes are the same.
function startHttp2(app: AdapterApp) {
  return serve(fastify({ http2: true } as object) as FastifyInstance, app);
}

async function serve(app: FastifyInstance, { paywall, routes }: AdapterApp) {
  app.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));
  for (const { method, path, mount, terms, run } of routes) {
    const header = (request: FastifyRequest, name: string) => request.headers[name.toLowerCase()]?.toString();
    const native =
      typeof terms === "function"
        ? (request: FastifyRequest) => terms({ header: (name) => header(request, name) })
        : terms;
    const route: RouteOptions = {
      method,
      url: path,
      preHandler: l402(paywall, native),
      handler: async (request, reply) => {
        const task = run();
        if (task.type === "throw") throw task.error;
        if (task.type === "reply") return reply.code(task.status).send(task.body);
        if (task.type === "echo") return reply.send(request.body);
        if (task.type === "wait") return reply.send(await task.body);
        return reply.type("text/event-stream").send(Readable.from(task.chunks));
      },
    };
    app.register(async (subApp) => void subApp.route(route), { prefix: mount });
  }
  return { url: await app.listen({ host: "127.0.0.1", port: 0 }), close: () => app.close() };
}
