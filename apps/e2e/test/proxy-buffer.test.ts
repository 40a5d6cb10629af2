import { once } from "node:events";
import { connect } from "node:net";
import { signInvoice } from "@l402/bolt11/signature";
import { createMemoryUseStore, createPaywall, decodeInvoice, macaroonFormat, type PaywallOptions } from "@l402/core";
import { paywallPage } from "@l402/paywall-page";
import { fakeLightning } from "@l402/testing";
import { afterEach, describe, expect, it } from "vitest";
import { isInstalled } from "../src/installed.ts";
import { startNginx } from "../src/nginx.ts";
import { startShop } from "../src/servers.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** What nginx takes of an answer's headers, with its status line, if nobody sets `proxy_buffer_size`. */
const NGINX_DEFAULT = 4096;

/** A node with private channels names them in its invoices. */
function nodeWithChannels(count: number) {
  const { provider } = fakeLightning();
  const hop = {
    pubkey: "02".padEnd(66, "a"),
    shortChannelId: "800000x1000x1",
    feeBaseMsat: 1000,
    feeProportionalMillionths: 100,
    cltvExpiryDelta: 80,
  };
  return {
    ...provider,
    async createInvoice(input: Parameters<typeof provider.createInvoice>[0]) {
      const made = await provider.createInvoice(input);
      const invoice = { ...decodeInvoice(made.bolt11), routeHints: Array.from({ length: count }, () => [hop]) };
      return { ...made, bolt11: signInvoice({ ...invoice, payee: undefined }, "1".repeat(64)) };
    },
  };
}

const sells = (options: Partial<PaywallOptions>) =>
  createPaywall({
    provider: nodeWithChannels(3),
    secret: "a secret for tests, at least 32 bytes long",
    useStore: createMemoryUseStore(),
    network: "regtest",
    page: paywallPage({ seller: "Weather Ltd" }),
    ...options,
  });

/** The length of an answer's status line and headers, as they are on the wire. */
async function headerBytes(url: string, accept: string): Promise<number> {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nAccept: ${accept}\r\nConnection: close\r\n\r\n`);
  let text = "";
  socket.setEncoding("latin1").on("data", (piece) => {
    text += piece;
  });
  await once(socket, "close");
  expect(text).toMatch(/^HTTP\/1.1 402 /);
  return text.indexOf("\r\n\r\n") + 4;
}

/** 126 characters, as the address of an article may have. */
const PATH = `/goods/${"a".repeat(119)}`;

describe.each(Object.entries(startShop))("behind a proxy that takes 4 KiB of headers, %s", (name, start) => {
  async function openShop(options: Partial<PaywallOptions> = {}) {
    const shop = await start(sells(options), { price: 21 }, () => "the goods");
    closing.push(() => shop.close());
    return new URL(shop.url).origin;
  }

  it("has a page for a long path and a node with private channels", async () => {
    expect(PATH).toHaveLength(126);
    for (const options of [{}, { tokenFormat: macaroonFormat() }]) {
      expect(await headerBytes((await openShop(options)) + PATH, "text/html")).toBeLessThan(NGINX_DEFAULT - 250);
    }
  });

  it("answers programs with what they need, for the same path and node", async () => {
    expect(await headerBytes((await openShop()) + PATH, "*/*")).toBeLessThan(NGINX_DEFAULT - 250);
  });

  it.skipIf(!isInstalled("nginx"))(
    "gets through nginx, and longer headers with the setting that we document",
    async () => {
      const origin = await openShop();
      const pass = `proxy_pass ${origin};`;
      const documented = "proxy_buffer_size 16k; proxy_buffers 8 16k;";
      const [plain, set] = [await startNginx({ location: pass }), await startNginx({ location: pass + documented })];
      closing.push(plain.close, set.close);
      const statusOf = async (url: string) => (await fetch(url, { headers: { accept: "text/html" } })).status;
      expect(await statusOf(plain.url + PATH)).toBe(402);
      const longer = `/goods/${"a".repeat(393)}`;
      expect([name, await statusOf(plain.url + longer), await statusOf(set.url + longer)]).toEqual([name, 502, 402]);
    },
  );
});
