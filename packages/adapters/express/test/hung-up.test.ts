import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import { pipeline, Readable } from "node:stream";
import { payChallenge } from "@l402/testing";
import express, { type RequestHandler, type Response } from "express";
import { describe, expect, it } from "vitest";
import { l402 } from "../src/index.ts";
import { openPaywall, serve } from "./shop.ts";

/** A shop whose handler fails at its first run, and a credential for one use. */
async function openShop(failing: RequestHandler) {
  const { paywall, wallet } = openPaywall();
  const handlers = [failing, ((_req, res) => void res.send("the goods")) as RequestHandler];
  const app = express().all("/report", l402(paywall, { price: 10 }), (req, res, next) =>
    (handlers.shift() as RequestHandler)(req, res, next),
  );
  const { server, port, url } = await serve(app, "/report");
  const ask = (method: string, authorization = "") =>
    fetch(url, { method, headers: { authorization, connection: "close" } });
  const buy = async (method: string) => payChallenge(wallet, await ask(method));
  return { ask, buy, port, close: () => server.close() };
}

describe("Express gives a use back when the handler hangs up on a client that waits, before the first byte:", () => {
  const source = () =>
    new Readable({
      read() {
        setImmediate(() => this.destroy(new Error("The source fails.")));
      },
    });

  it.each<[string, string, (res: Response) => unknown]>(
    ["GET", "POST"].flatMap((method) => [
      [method, "its stream fails", (res) => pipeline(source(), res, () => {})],
      [method, "it destroys the response", (res) => res.destroy()],
      [method, "it destroys the response twice", (res) => res.destroy().destroy()],
    ]),
  )("%s, %s", async (method, _, fail) => {
    const shop = await openShop((_req, res) => void fail(res));
    const authorization = await shop.buy(method);
    await expect(shop.ask(method, authorization)).rejects.toThrow();
    expect(await (await shop.ask(method, authorization)).text()).toBe("the goods");
    shop.close();
  });
});

/** How a handler may notice that its client has left. */
const NOTICES: Record<string, (req: IncomingMessage, hangUp: (error?: Error) => void) => unknown> = {
  "the request is aborted": (req, hangUp) => req.on("aborted", () => hangUp(new Error("The client has left."))),
  "the request is closed": (req, hangUp) => req.on("close", () => req.socket.destroyed && hangUp()),
  "the request fails": (req, hangUp) => req.on("error", hangUp).resume(),
  "the socket ends": ({ socket }, hangUp) => socket.on("end", () => hangUp(new Error("The client has left."))),
  "the socket fails": ({ socket }, hangUp) => socket.on("error", hangUp),
};

describe("Express keeps the use of a POST when the handler hangs up because the client has left:", () => {
  it.each(
    Object.keys(NOTICES).flatMap((notice) =>
      (["end", "resetAndDestroy"] as const).flatMap((leave) => [
        [notice, leave, "ab"] as const,
        [notice, leave, "abcde"] as const,
      ]),
    ),
  )("%s (%s, after %s of five bytes)", async (notice, leave, body) => {
    let start = (_response: Response) => {};
    const started = new Promise<Response>((resolve) => {
      start = resolve;
    });
    const shop = await openShop((req, res) => {
      req.on("error", () => {});
      NOTICES[notice]?.(req, (error) => void res.destroy(error));
      start(res);
    });
    const authorization = await shop.buy("POST");
    const client = connect(shop.port, "127.0.0.1").on("error", () => {});
    const head = `POST /report HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Length: 5\r\n\r\n`;
    client.write(head + body);
    const response = await started;
    const closed = once(response, "close");
    client[leave]();
    await closed;
    expect((await shop.ask("POST", authorization)).status).toBe(402);
    client.destroy();
    shop.close();
  });
});
