import { once } from "node:events";
import { request, ServerResponse } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { payChallenge } from "@l402/testing";
import express from "express";
import { expect, it } from "vitest";
import { l402 } from "../src/index.ts";
import { openPaywall, serve } from "./shop.ts";

// As `handleUpgrade` of the package ws is used: in a route of the app, with or without a listener that leads upgrades
// to it.
it.each([false, true])(
  "Express keeps the use of a WebSocket, which is no response (a listener: %s)",
  async (listens) => {
    const { paywall, wallet } = openPaywall();
    let closed: Promise<unknown> | undefined;
    const app = express().get("/feed", l402(paywall, { price: 10 }), (req, res) => {
      closed = once(res, "close");
      req.socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    });
    const { server, url } = await serve(app, "/feed");
    if (listens) {
      server.on("upgrade", (raw, socket) => {
        const response = new ServerResponse(raw);
        response.assignSocket(socket.resume().on("end", () => socket.end()) as never);
        app(raw, response);
      });
    }
    const authorization = await payChallenge(wallet, await fetch(url));
    const headers = { authorization, connection: "Upgrade", upgrade: "websocket" };
    const [, socket] = (await once(request(url, { headers }).end(), "upgrade")) as [unknown, Duplex];
    socket.destroy();
    await closed;
    expect((await fetch(url, { headers: { authorization } })).status).toBe(402);
    server.close();
  },
);

it.each(["GET", "POST"])(
  "Express keeps the use of a handler that writes on the connection and hangs up then: %s",
  async (method) => {
    const { paywall, wallet } = openPaywall();
    const closed: Promise<unknown>[] = [];
    const app = express().all("/feed", l402(paywall, { price: 10 }), (req, res) => {
      closed.push(once(res, "close"));
      req.socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nthe goods", () => res.destroy());
    });
    const { server, url } = await serve(app, "/feed");
    const headers = { authorization: await payChallenge(wallet, await fetch(url, { method })) };
    expect(await (await fetch(url, { method, headers })).text()).toBe("the goods");
    await closed[0];
    expect((await fetch(url, { method, headers })).status).toBe(402);
    server.close();
  },
);

it("Express keeps the use of what its handler wrote on the connection before the answer to an earlier request", async () => {
  const { paywall, wallet } = openPaywall();
  let endEarlier = () => {};
  const app = express()
    .get("/earlier", (_req, res) => {
      endEarlier = () => void res.end("late");
    })
    .get("/feed", l402(paywall, { price: 10 }), (req) => void req.socket.write("the goods"));
  const { server, port, url } = await serve(app, "/feed");
  const authorization = await payChallenge(wallet, await fetch(url));

  const client = connect(port, "127.0.0.1");
  const [socket] = await once(server, "connection");
  client.write(
    `GET /earlier HTTP/1.1\r\nHost: x\r\n\r\nGET /feed HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n\r\n`,
  );
  expect(String((await once(client, "data"))[0])).toBe("the goods");
  endEarlier();
  await once(client, "data");
  client.destroy();
  await once(socket, "close");
  expect((await fetch(url, { headers: { authorization } })).status).toBe(402);
  server.close();
});
