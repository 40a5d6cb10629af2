// This file also runs in Bun and Deno (npm run test:runtimes), so it uses only `describe` and `it` of vitest.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryUseStore, createPaywall, type LightningWallet, type Terms } from "@l402/core";
import { withL402 } from "@l402/core/web";
import { fakeLightning } from "@l402/testing";
import { describe, it } from "vitest";
import { createL402Client } from "../src/index.ts";
import { createFileClientStore, publicInternetFetch } from "../src/node.ts";

/** A seller over real HTTP, on the current runtime. */
async function sell<Outcome>(terms: Terms, buy: (shop: Shop) => Promise<Outcome>): Promise<void> {
  const { provider, wallet } = fakeLightning();
  const secret = "a secret for tests, at least 32 bytes long";
  const paywall = createPaywall({ provider, secret, useStore: createMemoryUseStore(), network: "regtest" });
  const serve = withL402(paywall, terms, async (request: Request) => new Response(`got ${await request.text()}`));
  let elsewhere = "";
  const seen: (string | undefined)[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const isPaid = incoming.headers.authorization !== undefined;
    if (incoming.url === "/moved" && isPaid) return void outgoing.writeHead(307, { location: elsewhere }).end();
    if (incoming.url === "/orders") return void outgoing.writeHead(303, { location: "/goods" }).end("made");
    if (incoming.url === "/landing") seen.push(incoming.headers.authorization);
    const response = await serve(await requestOf(incoming));
    outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(await response.text());
  });
  const payments = { count: 0 };
  const counting: LightningWallet = {
    ...wallet,
    payInvoice(input) {
      payments.count++;
      return wallet.payInvoice(input);
    },
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  elsewhere = `http://localhost:${port}/landing`;
  try {
    await buy({ url: `http://127.0.0.1:${port}/goods`, wallet: counting, payments, seen });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

interface Shop {
  url: string;
  wallet: LightningWallet;
  payments: { count: number };
  seen: (string | undefined)[];
}

async function requestOf(incoming: IncomingMessage) {
  const { method = "GET", url, headers } = incoming;
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const given = Object.entries(headers).map(([name, value]) => [name, String(value)] as [string, string]);
  const body = ["GET", "HEAD"].includes(method) ? null : Buffer.concat(chunks);
  return new Request(`http://127.0.0.1${url}`, { method, headers: given, body });
}

describe("the client, on this runtime", () => {
  it("buys, uses what it bought, and buys again", async () => {
    await sell({ price: 10, uses: 2 }, async ({ url, wallet, payments }) => {
      const client = createL402Client({ wallet, network: "regtest" });
      for (let i = 0; i < 3; i++) assert.equal((await client.fetch(url)).status, 200);
      assert.equal(payments.count, 2);
      assert.equal((await client.spending()).totalMsat, 20_000);
    });
  });

  it("sends every kind of body again", async () => {
    await sell({ price: 1 }, async ({ url, wallet }) => {
      const { fetch } = createL402Client({ wallet, network: "regtest" });
      const send = async (body: BodyInit) => (await fetch(url, { method: "POST", body })).text();
      assert.equal(await send("text"), "got text");
      assert.equal(await send(new TextEncoder().encode("bytes")), "got bytes");
      assert.equal(await send(new Blob(["blob"])), "got blob");
      assert.equal(await send(new URLSearchParams({ a: "1" })), "got a=1");
      const form = new FormData();
      form.set("name", "value");
      assert.match(await send(form), /got .*name="name"\r\n\r\nvalue/s);
      assert.equal(
        await (await fetch(new Request(url, { method: "POST", body: "in a Request" }))).text(),
        "got in a Request",
      );
      const stream = { method: "POST", body: new Blob(["stream"]).stream(), duplex: "half" } as RequestInit;
      await assert.rejects(fetch(url, stream), { code: "BODY_NOT_REPLAYABLE" });
    });
  });

  it("pays once for what many want, and stays inside its budget", async () => {
    await sell({ price: 10, uses: "unlimited" }, async ({ url, wallet, payments }) => {
      const { fetch } = createL402Client({ wallet, network: "regtest" });
      const all = await Promise.all(Array.from({ length: 20 }, () => fetch(url)));
      assert.ok(all.every(({ status }) => status === 200));
      assert.equal(payments.count, 1);
    });
    await sell({ price: 10 }, async ({ url, wallet, payments }) => {
      const { fetch } = createL402Client({ wallet, network: "regtest", budget: { totalSats: 30 } });
      await Promise.allSettled(Array.from({ length: 20 }, () => fetch(url)));
      assert.equal(payments.count, 3);
    });
  });

  it("takes no credential to another origin", async () => {
    await sell({ price: 10 }, async ({ url, wallet, seen, payments }) => {
      const { fetch } = createL402Client({ wallet, network: "regtest" });
      const response = await fetch(url.replace("/goods", "/moved"));
      // The 402 of the other origin is the answer to the request, and is not paid.
      assert.equal(response.status, 402);
      assert.match(response.url, /^http:\/\/localhost:\d+\/landing$/);
      assert.deepEqual(seen, [undefined]);
      assert.equal(payments.count, 1);
    });
  });

  it("pays where a redirect leads, and makes no order twice", async () => {
    await sell({ price: 10 }, async ({ url, wallet, payments }) => {
      const { fetch } = createL402Client({ wallet, network: "regtest" });
      const orders = url.replace("/goods", "/orders");
      const init = { method: "POST", body: "a book", headers: { "content-language": "en" } };
      const calls: Parameters<typeof fetch>[] = [
        [orders, init],
        [new Request(orders, init)],
        [orders, new Request(orders, init)],
      ];
      for (const call of calls) {
        const response = await fetch(...call);
        assert.deepEqual([await response.text(), response.url, response.redirected], ["got ", url, true]);
      }
      assert.equal(payments.count, 3);
    });
  });

  it("keeps a file that survives", async () => {
    const folder = mkdtempSync(join(tmpdir(), "l402-runtime-"));
    try {
      await sell({ price: 10, uses: 3 }, async ({ url, wallet, payments }) => {
        const path = join(folder, "client.json");
        for (let i = 0; i < 3; i++) {
          const client = createL402Client({ wallet, network: "regtest", store: createFileClientStore({ path }) });
          assert.equal((await client.fetch(url)).status, 200);
        }
        assert.equal(payments.count, 1);
        assert.equal(statSync(path).mode & 0o777, 0o600);
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("reaches nothing inside with publicInternetFetch", async () => {
    for (const url of ["http://127.0.0.1:1/", "http://localhost:1/", "http://[::1]:1/", "http://169.254.169.254/"]) {
      await assert.rejects(publicInternetFetch(url), { code: "INSECURE_ORIGIN" });
    }
  });
});
