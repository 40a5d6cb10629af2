import { macaroonFormat } from "@l402/core";
import { describe, expect, it } from "vitest";
import { isClaimName, isPassName } from "../src/cookie-names.ts";
import { Browser } from "./browser.ts";
import { buy, openShop } from "./shop.ts";

const FROM_ANOTHER_SITE = { "sec-fetch-site": "cross-site" };

describe("a pass", () => {
  it("of several visits shows what is left to who comes from another site, and takes none for it", async () => {
    const browser = await buy(openShop({ terms: { price: 21, uses: 3 } }));
    const own = async () => (await browser.visit("/weather")).status;
    const fromElsewhere = async () => {
      const { status, text } = await browser.visit("/weather", FROM_ANOTHER_SITE);
      expect(text).not.toContain("the goods");
      return [status, /Visits left<\/dt><dd>(\d+)</.exec(text)?.[1]];
    };
    expect(await fromElsewhere()).toEqual([402, "3"]);
    expect(await fromElsewhere()).toEqual([402, "3"]);
    expect(await own()).toBe(200);
    expect(await fromElsewhere()).toEqual([402, "2"]);
    expect([await own(), await own(), await own()]).toEqual([200, 200, 402]);
    expect((await browser.visit("/weather")).text).toContain("All visits of your pass are used.");
  });

  it("without a limit opens for a link from anywhere", async () => {
    const browser = await buy(openShop({ terms: { price: 21, uses: "unlimited" } }));
    expect((await browser.visit("/weather", FROM_ANOTHER_SITE)).status).toBe(200);
  });

  it("is not spent by many requests at once", async () => {
    const browser = await buy(openShop({ terms: { price: 21, uses: 2 } }));
    const visits = await Promise.all(Array.from({ length: 10 }, () => browser.visit("/weather")));
    expect(visits.filter(({ status }) => status === 200)).toHaveLength(2);
  });

  it("that is used up does not hide another", async () => {
    const shop = openShop({ terms: { price: 21, uses: 2, resource: "all" } });
    const [usedUp, good] = [await buy(shop), await buy(shop)];
    for (let i = 0; i < 2; i++) expect((await usedUp.visit("/weather")).status).toBe(200);
    good.jar.unshift(...usedUp.jar.filter(({ name }) => isPassName(name)));
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await good.visit("/weather")).status);
    expect(statuses).toEqual([200, 200, 402]);
    const { text, invoice } = await good.visit("/weather");
    expect(text).toContain("All visits of your pass are used.");
    expect(invoice).not.toBe("");
  });

  it("is not spent when the handler fails", async () => {
    let asked = 0;
    const browser = await buy(openShop({ handler: () => new Response("x", { status: asked++ ? 200 : 500 }) }));
    expect((await browser.visit("/weather")).status).toBe(500);
    expect((await browser.visit("/weather")).status).toBe(200);
  });

  it("is good for scripts and pictures of the site itself", async () => {
    const browser = await buy(openShop());
    expect((await browser.send("/weather", { accept: "*/*", "sec-fetch-site": "same-origin" })).status).toBe(200);
  });

  it("is not spent by what another site has the browser ask for, nor by what changes something", async () => {
    const shop = openShop({ terms: { price: 21, uses: 2 } });
    const browser = await buy(shop);
    const asks: [Record<string, string>, string?][] = [
      [{ ...FROM_ANOTHER_SITE, accept: "image/*" }],
      [{ ...FROM_ANOTHER_SITE, accept: "*/*", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script" }],
      [{ ...FROM_ANOTHER_SITE, accept: "text/html", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" }],
      [{ "sec-fetch-site": "same-origin" }, "POST"],
      [{ "sec-fetch-site": "same-origin" }, "DELETE"],
      [{ accept: "text/html", "sec-fetch-site": "none", "sec-purpose": "prefetch;prerender" }],
      [{ accept: "text/html", "sec-fetch-site": "same-origin", "sec-purpose": "prefetch" }],
      [{ accept: "text/html", "sec-fetch-site": "same-origin", purpose: "prefetch" }],
    ];
    for (const [headers, method] of asks) {
      expect((await browser.send("/weather", headers, method)).status).toBe(402);
    }
    expect((await browser.visit("/weather", FROM_ANOTHER_SITE)).text).toContain("Visits left</dt><dd>2<");
  });

  it("opens its own page alone", async () => {
    const browser = await buy(openShop({ terms: { price: 21, uses: 9 } }));
    expect((await browser.visit("/other")).status).toBe(402);
    const kept = browser.jar.find(({ name }) => isPassName(name));
    if (kept) kept.path = "/";
    expect((await browser.visit("/other")).status).toBe(402);
    expect((await browser.visit("/weather")).status).toBe(200);
  });

  it("opens all pages that are sold together", async () => {
    const terms = { price: 21, uses: 9, resource: "articles" };
    const browser = await buy(openShop({ terms, page: { passPath: "/articles" } }), "/articles/one");
    expect((await browser.visit("/articles/two")).status).toBe(200);
    expect((await browser.visit("/elsewhere")).status).toBe(402);
  });

  it("works behind a proxy that cuts the path, and behind a password of another kind", async () => {
    const shop = openShop({ page: { pathPrefix: "/api" }, terms: { price: 21, uses: 9 } });
    const browser = shop.openBrowser();
    const { claim, invoice } = await browser.visit("/weather");
    expect(browser.jar.find(({ name }) => isClaimName(name))?.path).toBe("/api/weather");
    for (const kept of browser.jar) kept.path = "/";
    shop.payElsewhere(invoice);
    const password = { authorization: "Basic dTpw" };
    await browser.ask("/weather", claim, password);
    for (const kept of browser.jar) kept.path = "/";
    expect((await browser.visit("/weather", password)).status).toBe(200);
  });

  it("cannot be bought behind a proxy that cuts the path, where nobody said so: no cookie would come back", async () => {
    const shop = openShop();
    const browser = new Browser((request) => shop.serve(new Request(request.url.replace("/api", ""), request)));
    const { claim, invoice } = await browser.visit("/api/weather");
    expect(await browser.ask("/api/weather", claim)).toMatchObject({ code: 404, status: "noCookies" });
    // Too late to warn who has paid all the same.
    shop.payElsewhere(invoice);
    shop.clock.advanceSeconds(1);
    expect(await browser.ask("/api/weather", claim)).toMatchObject({ status: "settled", kept: false });
  });

  it("works with macaroons, and with a backend that has ids of its own", async () => {
    const shop = openShop({
      terms: { price: 21, uses: 2 },
      paywall: { tokenFormat: macaroonFormat() },
      provider: (provider) => ({
        ...provider,
        createInvoice: async (input) => ({ ...(await provider.createInvoice(input)), providerRef: "charge-1" }),
        async lookupInvoice(ref, options) {
          expect(ref.providerRef).toBe("charge-1");
          const { status } = await provider.lookupInvoice(ref, options);
          return { status };
        },
      }),
    });
    const browser = await buy(shop);
    expect(browser.pass).toMatch(/:r[0-9a-f]{64}$/);
    expect((await browser.visit("/weather")).status).toBe(200);
    expect((await browser.visit("/weather", FROM_ANOTHER_SITE)).text).toContain("Visits left</dt><dd>1<");
  });

  it("ends with its time", async () => {
    const shop = openShop({ terms: { price: 21, uses: "unlimited", validForSeconds: 60 } });
    const browser = await buy(shop);
    expect((await browser.visit("/weather")).status).toBe(200);
    shop.clock.advanceSeconds(700);
    expect((await browser.visit("/weather")).text).toContain("Your pass has expired.");
  });
});
