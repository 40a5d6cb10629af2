import { signedJsonFormat, type TokenFormat } from "@l402/core";
import { describe, expect, it } from "vitest";
import { buy, openShop } from "./shop.ts";

describe("without JavaScript", () => {
  it("a reload opens the page when it was paid, once, and then offers it again", async () => {
    const { openBrowser, payElsewhere, clock } = openShop();
    const browser = openBrowser();
    const { invoice, text } = await browser.visit("/weather");
    expect(text).toContain(`href="lightning:${invoice}"`);
    expect((await browser.visit("/weather")).invoice).toBe(invoice);
    payElsewhere(invoice);
    clock.advanceSeconds(1);
    expect(await browser.visit("/weather")).toMatchObject({ status: 200, text: "the goods" });
    const after = await browser.visit("/weather");
    expect(after.status).toBe(402);
    expect(after.text).toContain("All visits of your pass are used.");
    expect(after.invoice).not.toBe(invoice);
  });

  it("no cache may keep the answer that brings the credential, whatever the app says", async () => {
    const { openBrowser, payElsewhere, clock } = openShop({
      terms: { price: 21, uses: 2 },
      handler: () => new Response("the goods", { headers: { "cache-control": "public, max-age=60" } }),
    });
    const browser = openBrowser();
    payElsewhere((await browser.visit("/weather")).invoice);
    clock.advanceSeconds(1);
    const { headers } = await browser.visit("/weather");
    expect(headers.getSetCookie()).toHaveLength(2);
    expect(headers.get("cache-control")).toBe("no-store");
    expect((await browser.visit("/weather")).headers.get("cache-control")).toBe("public, max-age=60");
  });

  it("an invoice that was paid at the last moment still opens the page", async () => {
    const { openBrowser, payElsewhere, clock } = openShop();
    const browser = openBrowser();
    const { invoice } = await browser.visit("/weather");
    payElsewhere(invoice);
    clock.advanceSeconds(1200);
    expect((await browser.visit("/weather")).status).toBe(200);
  });
});

describe("an offer", () => {
  it("says so when the price has gone up since it was paid", async () => {
    let price = 10;
    const shop = openShop({ terms: () => ({ price }) });
    const browser = shop.openBrowser();
    const { claim, invoice } = await browser.visit("/weather");
    price = 20;
    shop.payElsewhere(invoice);
    expect(await browser.ask("/weather", claim)).toMatchObject({ status: "settled" });
    const dearer = await browser.visit("/weather");
    expect(dearer).toMatchObject({ status: 402 });
    expect(dearer.text).toContain("The price has changed since you paid.");
    price = 10;
    expect((await browser.visit("/weather")).status).toBe(200);
  });

  it("keeps its invoice while a price moves within what is accepted, and drops it where a new one is cheaper", async () => {
    let price = 100;
    const shop = openShop({ terms: () => ({ price, acceptFrom: Math.floor(price * 0.9) }) });
    const browser = shop.openBrowser();
    const { invoice } = await browser.visit("/weather");
    price = 105;
    const kept = await browser.visit("/weather");
    expect(kept.invoice).toBe(invoice);
    expect(kept.text).toContain("<strong>100</strong>");
    price = 95;
    expect((await browser.visit("/weather")).invoice).not.toBe(invoice);
  });

  it.each(["has expired", "is for other terms"])(
    "takes no other's place: one that was paid opens the page, also where it %s and was open a moment ago",
    async (why) => {
      let uses = 1;
      const shop = openShop({ terms: () => ({ price: 10, uses }) });
      const browser = shop.openBrowser();
      const { claim, invoice } = await browser.visit("/weather");
      shop.clock.advanceSeconds(599.5);
      expect(await browser.ask("/weather", claim)).toMatchObject({ status: "open" });
      shop.payElsewhere(invoice);
      if (why === "has expired") shop.clock.advanceSeconds(0.6);
      else uses = 5;
      // The old answer is good for a second.
      const replaced = await browser.visit("/weather");
      expect(replaced.status).toBe(402);
      shop.clock.advanceSeconds(1);
      expect(await browser.visit("/weather")).toMatchObject({ status: 200, text: "the goods" });
      // Who pays the new one too has both.
      shop.payElsewhere(replaced.invoice);
      shop.clock.advanceSeconds(1);
      for (let i = 0; i < uses; i++) expect((await browser.visit("/weather")).status).toBe(200);
      expect((await browser.visit("/weather")).status).toBe(402);
    },
  );

  it.each(["PROVIDER_REJECTED", "PROVIDER_BAD_RESPONSE"] as const)(
    "gets a new invoice where the terms sell something else now, or of the old one the provider says only %s",
    async (code) => {
      let uses = 1;
      const shop = openShop({ terms: () => ({ price: 10, uses }) });
      const browser = shop.openBrowser();
      const first = await browser.visit("/weather");
      uses = 5;
      const second = await browser.visit("/weather");
      expect(second.invoice).not.toBe(first.invoice);
      shop.lightning.always("lookupInvoice", code);
      expect((await browser.visit("/weather")).invoice).toBe(second.invoice);
      shop.clock.advanceSeconds(601);
      const third = await browser.visit("/weather");
      expect(third.status).toBe(402);
      expect([first.invoice, second.invoice]).not.toContain(third.invoice);
    },
  );

  it("asks nobody to pay again while a token format cannot tell whether a token is ours", async () => {
    let isDown = false;
    const { name, mint, authenticate } = signedJsonFormat();
    const tokenFormat: TokenFormat = {
      name,
      mint,
      async authenticate(token, keys) {
        if (isDown) throw new Error("The list of revoked tokens cannot be reached, password=hunter2");
        return authenticate(token, keys);
      },
    };
    const terms = { price: 21, uses: "unlimited" } as const;
    const shop = openShop({ terms, paywall: { tokenFormat } });
    const [owner, payer] = [await buy(shop), shop.openBrowser()];
    const { claim, invoice } = await payer.visit("/weather");
    shop.payElsewhere(invoice);
    isDown = true;
    for (const browser of [owner, payer]) {
      const { status, text, headers } = await browser.visit("/weather");
      expect([status, headers.get("refresh")]).toEqual([500, "2"]);
      expect(text).toContain("The server made an error.");
      expect(text).not.toContain("hunter2");
    }
    expect(await payer.ask("/weather", claim)).toMatchObject({ code: 503, status: "unavailable" });
    isDown = false;
    for (const browser of [owner, payer]) expect((await browser.visit("/weather")).status).toBe(200);
    expect(shop.lightning.invoices).toHaveLength(2);
  });

  it.each(["has expired", "is for other terms"])(
    "gets none while nobody can be asked about an old one that %s: it may have been paid",
    async (why) => {
      let uses = 1;
      const shop = openShop({ terms: () => ({ price: 10, uses }) });
      const browser = shop.openBrowser();
      shop.payElsewhere((await browser.visit("/weather")).invoice);
      if (why === "has expired") shop.clock.advanceSeconds(601);
      else uses = 5;
      shop.lightning.next("lookupInvoice", "PROVIDER_UNREACHABLE");
      const asked = await browser.visit("/weather");
      expect(asked).toMatchObject({ status: 503, invoice: "" });
      expect(asked.text).toContain("do not pay again");
      shop.clock.advanceSeconds(1);
      uses = 1;
      expect(await browser.visit("/weather")).toMatchObject({ status: 200, text: "the goods" });
      expect(shop.lightning.invoices).toHaveLength(1);
    },
  );
});
