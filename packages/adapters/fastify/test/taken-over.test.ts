import { once } from "node:events";
import { request, ServerResponse } from "node:http";
import { type Duplex, pipeline, Readable } from "node:stream";
import { payChallenge } from "@l402/testing";
import { type FastifyReply, fastify } from "fastify";
import { expect, it } from "vitest";
import { l402 } from "../src/index.ts";
import { openPaywall } from "./shop.ts";

it.each([
  ["which takes the connection over and sends no response", false],
  ["where the platform does not show what was sent", true],
])("Fastify keeps the use of a WebSocket, %s", async (_, hidesBytes) => {
  const { paywall, wallet } = openPaywall();
  const app = fastify();
  // What @fastify/websocket does: it routes an upgrade like a request, and the handler hijacks the reply.
  const replies: FastifyReply[] = [];
  app.get("/feed", { preHandler: l402(paywall, { price: 10 }) }, async (_request, reply) => {
    replies.push(reply.hijack());
    reply.raw.socket?.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
  });
  const url = `${await app.listen({ host: "127.0.0.1", port: 0 })}/feed`;
  app.server.on("upgrade", (raw, socket) => {
    if (hidesBytes) Object.defineProperty(socket, "bytesWritten", { value: undefined });
    const response = new ServerResponse(raw);
    response.assignSocket(socket.resume().on("end", () => socket.end()) as never);
    app.routing(raw, response);
  });

  const authorization = await payChallenge(wallet, await fetch(url));
  const headers = { authorization, connection: "Upgrade", upgrade: "websocket" };
  const [, socket] = (await once(request(url, { headers }).end(), "upgrade")) as [unknown, Duplex];
  const closed = once((replies[0] as FastifyReply).raw, "close");
  socket.destroy();
  await closed;
  expect((await fetch(url, { headers: { authorization } })).status).toBe(402);
  await app.close();
});

it("Fastify gives a use back when a handler that took the reply over fails before its first byte", async () => {
  const { paywall, wallet } = openPaywall();
  const app = fastify();
  const failing = new Readable({ read: () => void failing.destroy(new Error("The source fails.")) });
  const sources = [failing, Readable.from(["the goods"]), Readable.from(["more goods"])];
  app.post("/report", { preHandler: l402(paywall, { price: 10 }) }, async (_request, reply) => {
    pipeline(sources.shift() as Readable, reply.hijack().raw, () => {});
  });
  const url = `${await app.listen({ host: "127.0.0.1", port: 0 })}/report`;
  const ask = (authorization = "") => fetch(url, { method: "POST", headers: { authorization, connection: "close" } });
  const authorization = await payChallenge(wallet, await ask());
  await expect(ask(authorization)).rejects.toThrow();
  expect(await (await ask(authorization)).text()).toBe("the goods");
  expect((await ask(authorization)).status).toBe(402);
  await app.close();
});

it("Fastify gives the use of a GET back when its client leaves before the first byte, from a handler that took the reply over", async () => {
  const { paywall, wallet } = openPaywall();
  const app = fastify();
  let begin = (_response: ServerResponse) => {};
  const begun = new Promise<ServerResponse>((resolve) => {
    begin = resolve;
  });
  let runs = 0;
  app.get("/events", { preHandler: l402(paywall, { price: 10 }) }, async (_request, reply) => {
    begin(reply.hijack().raw);
    if (++runs > 1) reply.raw.end("the goods");
  });
  const url = `${await app.listen({ host: "127.0.0.1", port: 0 })}/events`;
  const headers = { authorization: await payChallenge(wallet, await fetch(url)) };
  const client = request(url, { headers })
    .on("error", () => {})
    .end();
  const closed = once(await begun, "close");
  client.destroy();
  await closed;
  expect(await (await fetch(url, { headers })).text()).toBe("the goods");
  expect((await fetch(url, { headers })).status).toBe(402);
  await app.close();
});
