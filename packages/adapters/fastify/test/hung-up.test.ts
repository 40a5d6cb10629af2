import { once } from "node:events";
import { type ClientHttp2Session, connect, type Http2ServerResponse } from "node:http2";
import { pipeline, Readable } from "node:stream";
import { payChallenge } from "@l402/testing";
import { fastify } from "fastify";
import { describe, expect, it } from "vitest";
import { l402 } from "../src/index.ts";
import { openPaywall } from "./shop.ts";

type Handler = (response: Http2ServerResponse) => void;

/** A shop on HTTP/2 whose handler fails at its first run, and a credential for one use. */
async function openShop(method: string, failing: Handler) {
  const events: string[] = [];
  const { paywall, wallet } = openPaywall({ onEvent: ({ type }) => void events.push(type) });
  const handlers = [failing, ((response) => void response.end("the goods")) as Handler];
  const app = fastify({ http2: true });
  app.route({
    method,
    url: "/report",
    preHandler: l402(paywall, { price: 10 }),
    handler: async (_request, reply) => handlers.shift()?.(reply.hijack().raw),
  });
  const session = connect(await app.listen({ host: "127.0.0.1", port: 0 }));
  const begin = (authorization?: string) =>
    session.request({ ":path": "/report", ":method": method, ...(authorization && { authorization }) });
  const ask = async (authorization?: string) => {
    const stream = begin(authorization);
    const [headers] = await once(stream, "response");
    stream.resume();
    return headers as Record<string, string>;
  };
  const authorization = await payChallenge(wallet, [(await ask())["www-authenticate"] ?? []].flat());
  const close = async () => {
    session.destroy();
    await app.close();
  };
  return { authorization, ask, begin, events, close };
}

describe("Fastify over HTTP/2 gives a use back when the handler hangs up before the first byte:", () => {
  const source = () =>
    new Readable({
      read() {
        setImmediate(() => this.destroy(new Error("The source fails.")));
      },
    });

  it.each<[string, string, Handler]>(
    ["GET", "POST"].flatMap((method) => [
      [method, "its stream fails", (response) => void pipeline(source(), response, () => {})],
      [method, "it destroys the response", (response) => response.destroy()],
    ]),
  )("%s, %s", async (method, _, failing) => {
    const shop = await openShop(method, failing);
    const failed = shop.begin(shop.authorization).on("error", () => {});
    await new Promise((resolve) => failed.on("close", resolve).resume());
    expect((await shop.ask(shop.authorization))[":status"]).toBe(200);
    expect((await shop.ask(shop.authorization))[":status"]).toBe(402);
    await shop.close();
  });
});

describe("Fastify over HTTP/2 keeps the use of a POST when the handler hangs up because the client has left:", () => {
  const LEAVES: Record<string, (stream: ReturnType<ClientHttp2Session["request"]>) => void> = {
    "cancels the stream": (stream) => stream.close(8),
    "resets the stream without an error": (stream) => stream.close(0),
    "ends the connection": (stream) => stream.session?.destroy(),
  };
  it.each(["aborted", "close"].flatMap((event) => Object.keys(LEAVES).map((leave) => [event, leave] as const)))(
    "the stream says %s (the client %s)",
    async (event, leave) => {
      let start = (_response: Http2ServerResponse) => {};
      const started = new Promise<Http2ServerResponse>((resolve) => {
        start = resolve;
      });
      const shop = await openShop("POST", (response) => {
        response.stream.on("error", () => {}).on(event, () => response.destroy(new Error("The client has left.")));
        start(response);
      });
      const stream = shop.begin(shop.authorization).on("error", () => {});
      stream.write("ab");
      const response = await started;
      const closed = once(response, "close");
      LEAVES[leave]?.(stream);
      await closed;
      expect(shop.events.slice(-2)).toEqual(["denied", "granted"]);
      await shop.close();
    },
  );
});
