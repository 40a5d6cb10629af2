import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { getRequestListener, serve } from "@hono/node-server";
import { createMemoryUseStore, createPaywall, type PaywallEvent } from "@l402/core";
import { fakeLightning } from "@l402/testing";
import express from "express";
import { fastify } from "fastify";
import { Hono } from "hono";
import { afterAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const closing: (() => unknown)[] = [];
afterAll(() => Promise.all(closing.map((close) => close())));

/** The block of a page that sells `/compute`, as it stands, with what it takes for given. Answers its exports. */
async function run(page: string, folder: string, before: string, given: object): Promise<Record<string, unknown>> {
  const blocks = [...readFileSync(`${root}/${page}`, "utf8").matchAll(/```(?:js|ts)\n(.*?)```/gs)].map(
    ([, code]) => code,
  );
  const code = blocks.find((block) => block?.includes("const price = ")) ?? "";
  expect(code).not.toBe("");
  Object.assign(globalThis, { given });
  // Two of them are in one folder.
  const file = `${root}/packages/adapters/${folder}/${page.replaceAll("/", "-")}.snippet.test.ts`;
  writeFileSync(file, `${before}\nconst { ${Object.keys(given).join()} } = globalThis.given;\n${code}`);
  try {
    return await import(/* @vite-ignore */ file);
  } finally {
    rmSync(file);
  }
}

async function listening(server: Server): Promise<string> {
  await once(server, "listening");
  closing.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Shop = (paywall: ReturnType<typeof createPaywall>) => Promise<string>;

const onExpress =
  (page: string): Shop =>
  async (paywall) => {
    const app = express().set("env", "test");
    const handler: express.RequestHandler = (req, res) => void res.json(req.body);
    await run(page, "express", 'import { l402 } from "@l402/express"; import express from "express";', {
      app,
      paywall,
      handler,
    });
    return listening(app.listen(0, "127.0.0.1"));
  };

const shops: Record<string, Shop> = {
  "docs/guide/sell.md": onExpress("docs/guide/sell.md"),
  "packages/adapters/express/README.md": onExpress("packages/adapters/express/README.md"),
  async "packages/adapters/fastify/README.md"(paywall) {
    const app = fastify();
    closing.push(() => app.close());
    const handler = async ({ body }: { body: unknown }) => body;
    await run("packages/adapters/fastify/README.md", "fastify", 'import { l402 } from "@l402/fastify";', {
      app,
      paywall,
      handler,
    });
    return app.listen({ host: "127.0.0.1", port: 0 });
  },
  async "packages/adapters/hono/README.md"(paywall) {
    const app = new Hono();
    const handler = async (c: { req: { json(): Promise<object> }; json(body: object): Response }) =>
      c.json(await c.req.json());
    await run("packages/adapters/hono/README.md", "hono", 'import { l402 } from "@l402/hono";', {
      app,
      paywall,
      handler,
    });
    return listening(serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }) as Server);
  },
  async "packages/adapters/next/README.md"(paywall) {
    const handler = async (request: Request) => Response.json(await request.json());
    const before = 'import { withL402 } from "@l402/next";';
    const { POST } = await run("packages/adapters/next/README.md", "next", before, { paywall, handler });
    const server = createServer(getRequestListener(POST as (request: Request) => Promise<Response>));
    return listening(server.listen(0, "127.0.0.1"));
  },
};

describe.each(Object.entries(shops))("the computed price in %s", (_, open) => {
  it("is paid by who asks for something that can be sold, and all others get a 4xx and alarm nobody", async () => {
    const lightning = fakeLightning();
    const { provider, settle } = lightning;
    const events: PaywallEvent[] = [];
    const secret = "a secret for tests, at least 32 bytes long";
    const onEvent = (event: PaywallEvent) => void events.push(event);
    const useStore = createMemoryUseStore();
    const url = `${await open(createPaywall({ provider, secret, useStore, network: "regtest", onEvent }))}/compute`;
    const post = (body: string, more = {}) =>
      fetch(url, { method: "POST", body, headers: { "content-type": "application/json", ...more } });

    for (const body of [
      "",
      "{",
      "null",
      "[]",
      "{}",
      '{"words":-1}',
      '{"words":0}',
      '{"words":1.5}',
      '{"words":1e99}',
    ]) {
      const { status } = await post(body);
      expect([body, status]).toEqual([body, 400]);
    }
    expect([events, lightning.invoices]).toEqual([[], []]);

    const offer = (await (await post('{"words":5}')).json()) as {
      priceSats: number;
      token: string;
      paymentHash: string;
    };
    expect(offer.priceSats).toBe(10);
    const authorization = `L402 ${offer.token}:${settle(offer.paymentHash)}`;
    expect((await post('{"words":0}', { authorization })).status).toBe(400);
    expect((await post('{"words":6}', { authorization })).status).toBe(402);
    expect(await (await post('{"words":5}', { authorization })).json()).toEqual({ words: 5 });
    expect(events.filter(({ type }) => type === "failed")).toEqual([]);
  });
});
