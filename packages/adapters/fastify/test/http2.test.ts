import { connect, constants, type OutgoingHttpHeaders } from "node:http2";
import { createMemoryUseStore, createPaywall, type Terms } from "@l402/core";
import { fakeLightning, payChallenge } from "@l402/testing";
import { fastify } from "fastify";
import { afterEach, describe, expect, it, vi } from "vitest";
import { l402 } from "../src/index.ts";

const closing: (() => unknown)[] = [];
afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

/** A shop on real HTTP/2, whose price is told when `tell` is called, and one connection to it. */
async function openShop(method: "GET" | "POST") {
  const lightning = fakeLightning();
  const events: string[] = [];
  const waiting: (() => void)[] = [];
  const shop = { lightning, events, runs: 0, slow: "nothing" as "nothing" | "price" | "handler", send, sendAndReset };
  const slowly = (part: string) => shop.slow === part && new Promise<void>((goOn) => waiting.push(goOn));
  const paywall = createPaywall({
    provider: lightning.provider,
    secret: "a secret for tests, at least 32 bytes long",
    useStore: createMemoryUseStore(),
    network: "regtest",
    onEvent: ({ type }) => events.push(type),
  });
  const app = fastify({ http2: true, forceCloseConnections: true } as { http2: true });
  const terms = async (): Promise<Terms> => {
    await slowly("price");
    return { price: 10 };
  };
  const handler = async () => {
    shop.runs++;
    await slowly("handler");
    return "the goods";
  };
  app.route({ method, url: "/a", preHandler: l402(paywall, terms) as never, handler });
  const client = connect(await app.listen({ host: "127.0.0.1", port: 0 }));
  closing.push(
    () => client.destroy(),
    () => app.close(),
  );

  async function send(headers: OutgoingHttpHeaders = {}) {
    const stream = client.request({ ":path": "/a", ":method": method, ...headers }, { endStream: true });
    const answer = await new Promise<Record<string, string>>((resolve, reject) => {
      stream.once("response", (lines) => resolve(lines as never)).once("error", reject);
    });
    stream.resume();
    return { status: Number(answer[":status"]), challenge: answer["www-authenticate"] ?? "" };
  }

  /** Leaves while the seller thinks about the price, or works on the answer. */
  async function sendAndReset(during: "price" | "handler", headers: OutgoingHttpHeaders = {}) {
    shop.slow = during;
    const stream = client.request({ ":path": "/a", ":method": method, ...headers }, { endStream: true });
    stream.on("error", () => {});
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    stream.close(constants.NGHTTP2_CANCEL);
    // Frames come in order: when this one is answered, the server has seen the end of the stream.
    await new Promise((resolve) => client.ping(resolve));
    shop.slow = "nothing";
    waiting.pop()?.();
    await new Promise((resolve) => client.ping(resolve));
  }

  return shop;
}

describe.each(["GET", "POST"] as const)("Fastify on HTTP/2, when the client of a %s resets its stream", (method) => {
  it("runs no handler for who has paid, and gives the use back", async () => {
    const shop = await openShop(method);
    const { lightning, send, sendAndReset, events } = shop;
    const authorization = await payChallenge(lightning.wallet, [(await send()).challenge]);
    await sendAndReset("price", { authorization });
    await vi.waitFor(() => expect(events.at(-1)).toBe("released"));
    expect(shop.runs).toBe(0);
    expect((await send({ authorization })).status).toBe(200);
    expect((await send({ authorization })).status).toBe(402);
  });

  it("makes no invoice for who has not", async () => {
    const { lightning, sendAndReset, send, events } = await openShop(method);
    await sendAndReset("price");
    await vi.waitFor(() => expect(events).toEqual(["denied"]));
    expect(lightning.invoices).toHaveLength(0);
    expect((await send()).status).toBe(402);
  });

  it(`${method === "GET" ? "gives back" : "keeps"} the use of who leaves while the handler works`, async () => {
    const shop = await openShop(method);
    const { lightning, send, sendAndReset, events } = shop;
    const authorization = await payChallenge(lightning.wallet, [(await send()).challenge]);
    await sendAndReset("handler", { authorization });
    if (method === "GET") await vi.waitFor(() => expect(events.at(-1)).toBe("released"));
    expect((await send({ authorization })).status).toBe(method === "GET" ? 200 : 402);
    expect(shop.runs).toBe(method === "GET" ? 2 : 1);
  });
});
