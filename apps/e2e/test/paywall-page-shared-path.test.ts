import { createMemoryUseStore, createPaywall, decodeInvoice, type Terms } from "@l402/core";
import { paywallPage } from "@l402/paywall-page";
import { fakeClock, fakeLightning } from "@l402/testing";
import { afterEach, describe, expect, it } from "vitest";
import { CookieBrowser } from "../src/cookie-browser.ts";
import { type ShopTerms, startShop } from "../src/servers.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const dayPass: Terms = { price: 500, uses: "unlimited", validForSeconds: 86_400 };
const byId = (url: string): Terms => ({ ...dayPass, resource: `article ${new URL(url, "http://x").searchParams}` });

/** Pages for which browsers keep the cookies of both: of one folder, or of one path with other queries. */
const pages: [string, ShopTerms, string, string][] = [
  ["a comma in the path", dayPass, "/goods/paris,france", "/goods/rome,italy"],
  ["a space and an umlaut in the path", dayPass, "/goods/my%20first", "/goods/f%C3%BCr%20alle"],
  ["a resource by query", byId, "/goods?id=1", "/goods?id=2"],
];

describe.each(Object.entries(startShop))("two pages that share the path of their cookies, in %s", (_, start) => {
  async function openShop(terms: ShopTerms) {
    const clock = fakeClock();
    const lightning = fakeLightning({ clock });
    const paywall = createPaywall({
      provider: lightning.provider,
      secret: "a secret for tests, at least 32 bytes long",
      useStore: createMemoryUseStore({ clock }),
      network: "regtest",
      clock,
      page: paywallPage(),
    });
    const shop = await start(paywall, terms, () => "the goods");
    closing.push(() => shop.close());
    const pay = (invoice: string) => {
      lightning.settle(decodeInvoice(invoice).paymentHash);
      clock.advanceSeconds(1);
    };
    return { clock, pay, browser: new CookieBrowser(new URL(shop.url).origin) };
  }

  it.each(pages)("%s: who buys the second still has the first", async (_, terms, first, second) => {
    const { browser, pay } = await openShop(terms);
    for (const page of [first, second]) {
      const { claim, invoice } = await browser.open(page);
      pay(invoice);
      for (const kept of [false, true]) {
        const { text } = await browser.open(page, { accept: "*/*", "L402-Status": claim });
        expect(JSON.parse(text)).toEqual({ status: "settled", kept });
      }
    }
    for (const page of [first, second, first]) expect(await browser.open(page)).toMatchObject({ status: 200 });
  });

  it.each(pages)(
    "%s: who opens the second can still pay the first, without JavaScript",
    async (_, terms, first, second) => {
      const { browser, pay } = await openShop(terms);
      const one = await browser.open(first);
      const two = await browser.open(second);
      expect(one.status).toBe(402);
      expect((await browser.open(first)).invoice).toBe(one.invoice);
      pay(one.invoice);
      expect(await browser.open(first)).toMatchObject({ status: 200, text: "the goods" });
      expect((await browser.open(second)).invoice).toBe(two.invoice);
      pay(two.invoice);
      for (const page of [second, first]) expect((await browser.open(page)).status).toBe(200);
    },
  );

  it("keeps what a browser sends below what servers take, whatever is opened and bought", async () => {
    const { browser, pay, clock } = await openShop(byId);
    for (let id = 0; id < 20; id++) {
      const { invoice } = await browser.open(`/goods?id=${id}`);
      if (id % 2) continue;
      pay(invoice);
      expect((await browser.open(`/goods?id=${id}`)).status).toBe(200);
      clock.advanceSeconds(60);
      expect(browser.cookieBytes("/goods")).toBeLessThan(7500);
    }
    // The last ones bought are there, and so is the last one that was only opened.
    for (const id of [18, 16, 14]) expect((await browser.open(`/goods?id=${id}`)).status).toBe(200);
    const { invoice } = await browser.open("/goods?id=19");
    expect((await browser.open("/goods?id=19")).invoice).toBe(invoice);
  });
});
