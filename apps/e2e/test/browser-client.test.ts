import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { serve } from "@hono/node-server";
import { createMemoryUseStore, createPaywall } from "@l402/core";
import { l402 } from "@l402/hono";
import { type FakeLightning, fakeLightning } from "@l402/testing";
import { Hono } from "hono";
import { cors } from "hono/cors";
import { createServer } from "vite";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openPage, type Page } from "../src/chromium.ts";
import { isInstalled } from "../src/installed.ts";

const closing: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

async function listen(app: Hono): Promise<string> {
  const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
  closing.push(() => server.close());
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A page with the client in it, as a bundler for browsers serves it, and a wallet as an extension sets it. */
const pageOf = (shop: string) => `<!doctype html><title>a buyer</title>
<script type="module">
  import { createL402Client, walletFromWebLN } from "@l402/client";
  window.webln = {
    enable: async () => {},
    async sendPayment(bolt11) {
      const response = await fetch("${shop}/wallet", { method: "POST", body: bolt11 });
      return response.json();
    },
  };
  window.client = createL402Client({ wallet: walletFromWebLN(window.webln), network: "regtest" });
</script>`;

async function servePage(html: string): Promise<string> {
  const page = {
    name: "the page",
    configureServer: (server: { middlewares: { use(path: string, handle: (...args: never[]) => void): void } }) => {
      server.middlewares.use("/buyer", async (request: { url: string }, response: { end(text: string): void }) => {
        response.end(await vite.transformIndexHtml(request.url, html));
      });
    },
  };
  const vite = await createServer({
    root: fileURLToPath(new URL("..", import.meta.url)),
    configFile: false,
    logLevel: "error",
    appType: "custom",
    plugins: [page as never],
    resolve: { conditions: ["@l402/source", "browser", "module"] },
    server: { host: "127.0.0.1", port: 0, hmr: false, ws: false, fs: { strict: false } },
    optimizeDeps: { noDiscovery: true },
  });
  await vite.listen();
  closing.push(() => vite.close());
  const [base] = vite.resolvedUrls?.local ?? [];
  return `${base}buyer`;
}

describe.skipIf(!isInstalled("chromium"))("the client in a browser, with WebLN", () => {
  let page: Page;
  let shop = "";
  let lightning: FakeLightning;
  const landed: (string | undefined)[] = [];

  beforeAll(async () => {
    lightning = fakeLightning();
    const paywall = createPaywall({
      provider: lightning.provider,
      secret: "a secret for tests, at least 32 bytes long",
      useStore: createMemoryUseStore(),
      network: "regtest",
    });
    const elsewhere = await listen(
      new Hono().use(cors()).get("/landing", (c) => {
        landed.push(c.req.header("authorization"));
        return c.text("landed");
      }),
    );
    const app = new Hono().use(cors());
    app.post("/wallet", async (c) => {
      const result = await lightning.wallet.payInvoice({ bolt11: await c.req.text(), maxFeeMsat: 0 });
      return c.json(result.status === "paid" ? { preimage: result.preimage } : {});
    });
    app.post("/weather", l402(paywall, { price: 10, uses: 3 }), async (c) => c.text(`sunny, ${await c.req.text()}`));
    app.get("/pass", l402(paywall, { price: 20, uses: "unlimited" }), (c) => c.text("passed"));
    app.get("/moved", l402(paywall, { price: 30 }), (c) => c.redirect(`${elsewhere}/landing`, 307));
    shop = await listen(app);
    page = await openPage(await servePage(pageOf(shop)));
    closing.push(() => page.close());
    await vi.waitFor(async () => expect(await page.evaluate("typeof client")).toBe("object"), 20_000);
  }, 60_000);

  it("buys from another origin, with a body, and uses what it bought", async () => {
    const buy = `(async () => {
      const answers = [];
      for (let i = 0; i < 4; i++) {
        const response = await client.fetch("${shop}/weather", { method: "POST", body: "day " + i });
        answers.push(response.status + " " + (await response.text()) + " " + client.paymentOf(response).paidNow);
      }
      return answers;
    })()`;
    expect(await page.evaluate(buy)).toEqual([
      "200 sunny, day 0 true",
      "200 sunny, day 1 false",
      "200 sunny, day 2 false",
      "200 sunny, day 3 true",
    ]);
    expect(lightning.payments).toHaveLength(2);
  });

  it("pays once for what many requests want", async () => {
    const before = lightning.payments.length;
    const buy = `Promise.all(Array.from({ length: 20 }, async () => (await client.fetch("${shop}/pass")).status))`;
    expect(await page.evaluate(buy)).toEqual(Array(20).fill(200));
    expect(lightning.payments).toHaveLength(before + 1);
  });

  it("takes no credential to another origin", async () => {
    const buy = `(async () => (await client.fetch("${shop}/moved")).text())()`;
    expect(await page.evaluate(buy)).toBe("landed");
    expect(landed).toEqual([undefined]);
  });

  it("says what it spent", async () => {
    const spending = await page.evaluate<{ totalMsat: number; pendingMsat: number }>("client.spending()");
    // WebLN has no fee limit and this wallet does not say what it cost: each payment counts for as much as it may have.
    expect(spending).toMatchObject({ totalMsat: 2 * 20_000 + 30_000 + 40_000, pendingMsat: 0 });
  });
});
