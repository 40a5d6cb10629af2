import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer, type HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { createMemoryUseStore, createPaywall, type LightningProvider, type PaymentResult } from "@l402/core";
import { type L402Env, l402 } from "@l402/hono";
import { startRegtest } from "@l402/regtest";
import { Hono } from "hono";
import { afterAll } from "vitest";

/** A shop on real Lightning, and the door through which the command's wallet pays. Closed after the tests of the file. */
export async function openLightningShop() {
  const { nodes, close } = await startRegtest({ nodes: ["buyer", "router", "seller"] });
  const { buyer, seller } = nodes;
  const paywall = (provider: LightningProvider) =>
    createPaywall({
      provider,
      secret: "a secret for tests, at least 32 bytes long",
      useStore: createMemoryUseStore(),
      network: "regtest",
      challengeLimiter: false,
    });
  const sells = paywall(seller.provider);
  /** Its invoices are withdrawn as soon as they are made, so that no payment succeeds. */
  const withdraws = paywall({
    ...seller.provider,
    async createInvoice(input) {
      const invoice = await seller.provider.createInvoice(input);
      seller.cancelInvoice(invoice.paymentHash);
      return invoice;
    },
  });

  const app = new Hono<L402Env & { Bindings: HttpBindings }>();
  app.get("/weather", l402(sells, { price: 10 }), (c) => c.json({ weather: "sunny" }));
  app.get("/pass", l402(sells, { price: 25, uses: 3 }), (c) => c.text("let in"));
  app.get("/dear", l402(sells, { price: 2000 }), (c) => c.text("jewels"));
  app.get("/withdrawn", l402(withdraws, { price: 10 }), (c) => c.text("never"));
  app.get("/broken", l402(sells, { price: 10 }), (c) => c.text("out of paper", 500));
  app.get("/gone", l402(sells, { price: 10 }), (c) => c.text("nobody knows that", 404));
  app.get("/picture", l402(sells, { price: 10 }), (c) => c.body(PICTURE));
  app.post(
    "/echo",
    l402(sells, async (c) => ({ price: (await c.req.text()).length })),
    async (c) => c.json({ body: await c.req.text(), type: c.req.header("content-type"), own: c.req.header("x-own") }),
  );
  // Takes the money and knows nothing of it.
  app.use("/refuses", async (c, next) => {
    if (c.req.header("authorization")) return c.json({ error: "no" }, 401);
    return next();
  });
  app.get("/refuses", l402(sells, { price: 10 }), (c) => c.text("never"));
  app.get("/breaks-off", l402(sells, { price: 10 }), (c) => {
    const { outgoing } = c.env;
    outgoing.writeHead(200, { "content-length": 100 });
    outgoing.write("half of ", () => outgoing.destroy());
    return RESPONSE_ALREADY_SENT;
  });
  app.get("/huge", l402(sells, { price: 10 }), (c) => c.body(new Uint8Array(HUGE_BYTES)));
  app.get("/free-huge", (c) => c.body(new Uint8Array(HUGE_BYTES)));
  app.get("/endless", (c) => c.body(new ReadableStream({ pull: (stream) => stream.enqueue(PICTURE) })));
  app.get("/free", (c) => c.text("free of charge"));
  app.get("/unknown-scheme", (c) => c.text("pay by card", 402));
  app.get("/leads-away", l402(sells, { price: 10 }), (c) =>
    c.redirect(new URL("/unknown-scheme", c.req.url.replace("127.0.0.1", "localhost"))),
  );
  const server = createAdaptorServer({ fetch: app.fetch });

  const payments: string[] = [];
  const preimages: string[] = [];
  /** How long the wallet waits for a payment. */
  const settings = { timeoutSeconds: 20 };
  const door = createServer(async (request, response) => {
    const question = JSON.parse(Buffer.concat(await request.toArray()).toString());
    if (question.bolt11) payments.push(question.bolt11);
    const answer = (
      question.bolt11
        ? await buyer.wallet.payInvoice({ ...question, timeoutSeconds: settings.timeoutSeconds })
        : await buyer.wallet.lookupPayment(question.paymentHash)
    ) as PaymentResult;
    if (answer.status === "paid") preimages.push(answer.preimage);
    response.end(JSON.stringify(answer));
  });
  const [url, doorUrl] = [await listen(server as ReturnType<typeof createServer>), await listen(door)];
  afterAll(() => {
    for (const each of [server, door]) each.close();
    close();
  });

  return {
    url,
    buyer,
    seller,
    settings,
    /** The invoices that the wallet was asked to pay. */
    payments,
    /** What nobody but the client may see. */
    preimages,
    env: {
      L402_WALLET: "./packages/cli/test/remote-wallet.mjs",
      L402_NETWORK: "regtest",
      TEST_WALLET_URL: doorUrl,
    },
  };
}

export const HUGE_BYTES = 64 * 1024 * 1024 + 1;
export const PICTURE = new Uint8Array([0x89, 0x50, 0xff, 0x00, 0xfe, 0x0a]);

async function listen(server: ReturnType<typeof createServer>): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
