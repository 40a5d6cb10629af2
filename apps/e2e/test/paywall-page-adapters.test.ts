import { createMemoryUseStore, createPaywall, decodeInvoice } from "@l402/core";
import { paywallPage } from "@l402/paywall-page";
import { fakeLightning } from "@l402/testing";
import { afterEach, describe, expect, it } from "vitest";
import { CookieBrowser } from "../src/cookie-browser.ts";
import { startShop } from "../src/servers.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

describe.each(Object.entries(startShop))("the page for people in %s", (_, start) => {
  async function openShop() {
    const lightning = fakeLightning();
    const paywall = createPaywall({
      provider: lightning.provider,
      secret: "a secret for tests, at least 32 bytes long",
      useStore: createMemoryUseStore(),
      network: "regtest",
      page: paywallPage({ seller: "Weather Ltd" }),
    });
    const shop = await start(paywall, { price: 21, uses: 2 }, () => "the goods");
    closing.push(() => shop.close());
    return { ...shop, settle: (invoice: string) => lightning.settle(decodeInvoice(invoice).paymentHash) };
  }

  it("is shown, asks for itself, and gives way to what was paid for", async () => {
    const shop = await openShop();
    const jar = new Map<string, string>();
    const visit = async (headers: Record<string, string>) => {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
      const response = await fetch(shop.url, { headers: { accept: "text/html", cookie, ...headers } });
      for (const line of response.headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*);/.exec(line) ?? [];
        jar.set(name, value);
      }
      return { response, text: await response.text() };
    };

    const { response, text } = await visit({});
    expect([response.status, response.headers.get("content-type")]).toEqual([402, "text/html; charset=utf-8"]);
    expect(response.headers.get("www-authenticate")).toContain("L402 macaroon=");
    expect(text).toContain("<bdi>Weather Ltd</bdi>");
    const [, claim = ""] = /data-claim="([^"]+)"/.exec(text) ?? [];
    const [, invoice = ""] = /data-invoice="([^"]+)"/.exec(text) ?? [];

    shop.settle(invoice);
    const status = await visit({ "L402-Status": claim });
    expect(JSON.parse(status.text)).toEqual({ status: "settled", kept: false });
    expect(status.response.headers.get("cache-control")).toBe("no-store");
    expect(JSON.parse((await visit({ "L402-Status": claim })).text)).toEqual({ status: "settled", kept: true });

    const paid = await visit({});
    expect([paid.response.status, paid.text]).toEqual([200, "the goods"]);
    expect(paid.response.headers.get("vary")).toMatch(/Cookie/);
    expect((await visit({})).response.status).toBe(200);
    expect((await visit({})).text).toContain("All visits of your pass are used.");
    expect((await fetch(shop.url)).headers.get("content-type")).toContain("application/problem+json");
  });

  it.each(["/goods/rome_%28italy%29", "/goods/%7Erome", "/goods/it%27s%20rome", "/goods/100%25"])(
    "opens when it was paid without JavaScript, where its address is %s",
    async (path) => {
      const shop = await openShop();
      const browser = new CookieBrowser(new URL(shop.url).origin);
      shop.settle((await browser.open(path)).invoice);
      expect(await browser.open(path)).toMatchObject({ status: 200, text: "the goods" });
    },
  );
});
