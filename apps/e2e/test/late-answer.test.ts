import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { createMemoryUseStore, createPaywall, type UseStore } from "@l402/core";
import { l402 as expressL402 } from "@l402/express";
import { l402 as fastifyL402 } from "@l402/fastify";
import { fakeLightning, payChallenge } from "@l402/testing";
import express from "express";
import { fastify } from "fastify";
import { afterAll, describe, expect, it } from "vitest";

const closing: (() => unknown)[] = [];
const unhandled: unknown[] = [];
const listener = (error: unknown) => unhandled.push(error);
process.on("unhandledRejection", listener);
afterAll(async () => {
  process.off("unhandledRejection", listener);
  for (const close of closing) await close();
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A paywall whose store takes its time, when it is told to. */
function openShop() {
  const lightning = fakeLightning();
  const memory = createMemoryUseStore();
  const shop = { slow: false, lightning };
  const useStore: UseStore = {
    consume: async (use) => {
      if (shop.slow) await pause(150);
      return memory.consume(use);
    },
    release: memory.release,
  };
  const secret = "a secret for tests, at least 32 bytes long";
  return {
    ...shop,
    shop,
    paywall: createPaywall({ provider: lightning.provider, secret, useStore, network: "regtest" }),
  };
}

const apps = {
  async Express({ paywall, shop }: ReturnType<typeof openShop>) {
    const app = express();
    app.use((_req, res, next) => {
      if (shop.slow) setTimeout(() => res.status(503).end("too slow"), 30);
      next();
    });
    app.get("/a", expressL402(paywall, { price: 1 }), (_req, res) => void res.send("the goods"));
    const server = app.listen(0, "127.0.0.1");
    closing.push(() => server.close());
    await once(server, "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/a`;
  },
  async Fastify({ paywall, shop }: ReturnType<typeof openShop>) {
    const app = fastify();
    app.addHook("onRequest", (_request, reply, done) => {
      if (shop.slow) setTimeout(() => reply.code(503).send("too slow"), 30);
      done();
    });
    app.get("/a", { preHandler: fastifyL402(paywall, { price: 1 }) }, async () => "the goods");
    closing.push(() => app.close());
    return `${await app.listen({ host: "127.0.0.1", port: 0 })}/a`;
  },
};

describe("Fastify, when the client has gone before the paywall answers", () => {
  it("runs no handler for a client that has gone, unpaid", async () => {
    const { paywall, lightning } = openShop();
    lightning.always("createInvoice", { delaySeconds: 0.1 });
    let runs = 0;
    const app = fastify();
    closing.push(() => app.close());
    app.get("/a", { preHandler: fastifyL402(paywall, { price: 1 }) }, async () => `${++runs}`);
    const url = `${await app.listen({ host: "127.0.0.1", port: 0 })}/a`;
    await fetch(url, { signal: AbortSignal.timeout(30) }).catch(() => {});
    await pause(200);
    expect(runs).toBe(0);
  });
});

describe.each(["destroy", "end", "resetAndDestroy"] as const)("Fastify, when an unpaid client leaves (%s)", (leave) => {
  it("runs no handler for a client that goes while an onSend hook works, and sends the next one its answer", async () => {
    const { paywall } = openShop();
    let runs = 0;
    const asked: (() => void)[] = [];
    const app = fastify();
    closing.push(() => app.close());
    // As hooks that save a session or count traffic do: the client leaves while the first one waits.
    app.addHook("onSend", (_request, _reply, payload, done) => {
      asked.push(() => done(null, payload));
      if (asked.length > 1) done(null, payload);
    });
    app.post("/a", { preHandler: fastifyL402(paywall, { price: 1 }) }, async () => `${++runs}`);
    const url = `${await app.listen({ host: "127.0.0.1", port: 0 })}/a`;
    const client = connect((app.server.address() as AddressInfo).port, "127.0.0.1").on("error", () => {});
    const [socket] = await once(app.server, "connection");
    client.write("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    await expect.poll(() => asked.length).toBe(1);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    client[leave]();
    await closed;
    await pause(20);
    asked[0]?.();
    expect((await fetch(url, { method: "POST" })).status).toBe(402);
    expect(runs).toBe(0);
    client.destroy();
  });
});

describe("Fastify without a socket", () => {
  it("sells to injected requests, as tests of apps send them", async () => {
    const { paywall, lightning } = openShop();
    const app = fastify();
    app.get("/a", { preHandler: fastifyL402(paywall, { price: 1 }) }, async () => "the goods");
    const unpaid = await app.inject("/a");
    const lines = [unpaid.headers["www-authenticate"] ?? []].flat();
    const authorization = await payChallenge(lightning.wallet, lines);
    const paid = await app.inject({ url: "/a", headers: { authorization } });
    expect([unpaid.statusCode, paid.body]).toEqual([402, "the goods"]);
  });
});

describe.each(Object.entries(apps))("in %s, when something else has answered before the paywall", (_, start) => {
  it("the use is given back and nothing crashes", async () => {
    const opened = openShop();
    const url = await start(opened);
    const ask = (authorization = "") => fetch(url, { headers: { authorization } });
    const authorization = await payChallenge(opened.lightning.wallet, await ask());
    opened.shop.slow = true;
    expect((await ask(authorization)).status).toBe(503);
    await pause(250);
    opened.shop.slow = false;
    expect(await (await ask(authorization)).text()).toBe("the goods");
    expect(unhandled).toEqual([]);
  });
});
