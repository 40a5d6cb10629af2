import { once } from "node:events";
import { request, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { createMemoryUseStore, createPaywall } from "@l402/core";
import { fakeLightning, payChallenge } from "@l402/testing";
import express from "express";
import { expect, it } from "vitest";
import { l402 } from "../src/index.ts";

// As `handleUpgrade` of the package ws is used: in a route of the app, with or without a listener that leads upgrades to it.
it.each([false, true])(
  "Express keeps the use of a WebSocket, which is no response (a listener: %s)",
  async (listens) => {
    const { provider, wallet } = fakeLightning();
    const secret = "a secret for tests, at least 32 bytes long";
    const paywall = createPaywall({ provider, secret, useStore: createMemoryUseStore(), network: "regtest" });
    let closed: Promise<unknown> | undefined;
    const app = express().get("/feed", l402(paywall, { price: 10 }), (req, res) => {
      closed = once(res, "close");
      req.socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    });
    const server = app.listen(0, "127.0.0.1");
    if (listens) {
      server.on("upgrade", (raw, socket) => {
        const response = new ServerResponse(raw);
        response.assignSocket(socket.resume().on("end", () => socket.end()) as never);
        app(raw, response);
      });
    }
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/feed`;

    const authorization = await payChallenge(wallet, await fetch(url));
    const headers = { authorization, connection: "Upgrade", upgrade: "websocket" };
    const [, socket] = (await once(request(url, { headers }).end(), "upgrade")) as [unknown, Duplex];
    socket.destroy();
    await closed;
    expect((await fetch(url, { headers: { authorization } })).status).toBe(402);
    server.close();
  },
);
