import { decodeInvoice, parseChallenges } from "@l402/core";
import { describe, expect, it, vi } from "vitest";
import type { Visit } from "./browser.ts";
import { keepsPreimages, openShop } from "./shop.ts";

describe("the status of an invoice", () => {
  it("is open until it was paid, and then the browser has its credential", async () => {
    const { openBrowser, payElsewhere, clock } = openShop();
    const browser = openBrowser();
    const { claim, invoice } = await browser.visit("/weather");
    expect(await browser.ask("/weather", claim)).toMatchObject({ code: 200, status: "open", freshInMs: 1000 });
    const preimage = payElsewhere(invoice);
    clock.advanceSeconds(1);
    const paid = await browser.ask("/weather", claim);
    expect(paid).toMatchObject({ code: 200, status: "settled", kept: false });
    expect(JSON.stringify({ ...paid, headers: undefined })).not.toContain(preimage);
    expect(browser.pass).toMatch(new RegExp(`:${preimage}$`));
    expect(await browser.ask("/weather", claim)).toMatchObject({ status: "settled", kept: true });
    expect(browser.claim).toBeUndefined();
    expect(await browser.visit("/weather")).toMatchObject({ status: 200, text: "the goods" });
  });

  it("leaves the browser its claim until it shows its credential, so that a reload opens what was paid", async () => {
    const { openBrowser, payElsewhere, clock } = openShop();
    const browser = openBrowser();
    const { claim, invoice } = await browser.visit("/weather");
    payElsewhere(invoice);
    clock.advanceSeconds(1);
    for (let i = 0; i < 2; i++) {
      expect(await browser.ask("/weather", claim)).toMatchObject({ status: "settled", kept: false });
      expect(browser.jar.pop()?.name).toMatch(/^l402_[0-9a-f]{6}$/);
    }
    expect(await browser.visit("/weather")).toMatchObject({ status: 200, text: "the goods" });
  });

  it("opens for each of many tabs that were opened at the same moment, without JavaScript too", async () => {
    const { openBrowser, payElsewhere, clock } = openShop();
    const browser = openBrowser();
    const pages = Array.from({ length: 20 }, (_, at) => `/${at}`);
    const tabs = await Promise.all(pages.map((page) => browser.visit(page)));
    for (const { invoice } of tabs) payElsewhere(invoice);
    clock.advanceSeconds(1);
    for (const page of pages) expect((await browser.visit(page)).status).toBe(200);
  });

  it("is never kept by a cache", async () => {
    const browser = openShop().openBrowser();
    const { claim } = await browser.visit("/weather");
    for (const text of [claim, "junk"]) {
      const { headers } = await browser.ask("/weather", text);
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("vary")).toMatch(/L402-Status/);
      expect(headers.get("content-type")).toBe("application/json");
    }
  });

  it("is nobody else's: somebody else's claim, on another page, without the cookie, or changed", async () => {
    const { openBrowser, payElsewhere, lightning } = openShop();
    const [victim, thief] = [openBrowser(), openBrowser()];
    const { claim, invoice } = await victim.visit("/weather");
    payElsewhere(invoice);
    await thief.visit("/weather");
    const before = lightning.calls.lookupInvoice;
    const unknown = { code: 404, status: "unknown" };
    expect(await thief.ask("/weather", claim)).toMatchObject(unknown);
    expect(await victim.ask("/other", claim)).toMatchObject(unknown);
    expect(await openBrowser().ask("/weather", claim)).toMatchObject({ code: 404, status: "noCookies" });
    for (let at = 0; at < claim.length; at += 7) {
      const changed = claim.slice(0, at) + (claim[at] === "a" ? "b" : "a") + claim.slice(at + 1);
      expect(await victim.ask("/weather", changed)).toMatchObject(unknown);
    }
    expect(thief.pass).toBeUndefined();
    expect(lightning.calls.lookupInvoice).toBe(before);
  });

  it("is not told for a bare token, which a program may have shown around", async () => {
    const { openBrowser, serve, payElsewhere } = openShop();
    const browser = openBrowser();
    const { claim: own } = await browser.visit("/weather");
    const program = await serve(new Request("https://shop.example/weather"));
    const [challenge] = parseChallenges(program.headers.get("www-authenticate"));
    payElsewhere(challenge?.invoice as string);
    const { token = "", invoice = "" } = challenge ?? {};
    const unsealed = `${token}.${invoice}.1900000000.${own.split(".")[3]}`;
    for (const text of [token, `${token}.${invoice}`, unsealed, `${unsealed}.${"0".repeat(64)}`]) {
      expect(await browser.ask("/weather", text)).toMatchObject({ code: 404, status: "unknown" });
    }
  });

  it("is asked of the provider once a second at most, however many tabs ask", async () => {
    const { openBrowser, lightning, clock, payElsewhere } = openShop();
    const browser = openBrowser();
    const { claim, invoice } = await browser.visit("/weather");
    const askAll = () => Promise.all(Array.from({ length: 50 }, () => browser.ask("/weather", claim)));
    await askAll();
    await askAll();
    expect(lightning.calls.lookupInvoice).toBe(1);
    clock.advanceSeconds(0.999);
    expect(await browser.ask("/weather", claim)).toMatchObject({ freshInMs: 1 });
    expect(lightning.calls.lookupInvoice).toBe(1);
    clock.advanceSeconds(0.001);
    await askAll();
    expect(lightning.calls.lookupInvoice).toBe(2);
    payElsewhere(invoice);
    clock.advanceSeconds(1);
    await askAll();
    clock.advanceSeconds(10);
    await askAll();
    expect(lightning.calls.lookupInvoice).toBe(3);
  });

  it.each(["expired", "canceled"] as const)("is asked once a minute when it is %s", async (end) => {
    const { openBrowser, lightning, clock } = openShop();
    const browser = openBrowser();
    const { claim } = await browser.visit("/weather");
    if (end === "expired") clock.advanceSeconds(601);
    else lightning.cancel(lightning.invoices[0]?.paymentHash as string);
    for (let i = 0; i < 60; i++) {
      expect(await browser.ask("/weather", claim)).toMatchObject({ status: end });
      clock.advanceSeconds(1);
    }
    expect(lightning.calls.lookupInvoice).toBe(1);
    await browser.ask("/weather", claim);
    expect(lightning.calls.lookupInvoice).toBe(2);
  });

  it("is asked no more once it was paid", async () => {
    const { openBrowser, lightning, clock, payElsewhere } = openShop();
    const browser = openBrowser();
    const { claim, invoice } = await browser.visit("/weather");
    payElsewhere(invoice);
    for (let i = 0; i < 3; i++) {
      expect(await browser.ask("/weather", claim)).toMatchObject({ status: "settled" });
      clock.advanceSeconds(61);
    }
    expect(lightning.calls.lookupInvoice).toBe(1);
  });

  it("is asked of the provider 50 times a second at most, however many invoices there are", async () => {
    const { openBrowser, lightning, clock, payElsewhere } = openShop();
    const tabs = await Promise.all(
      Array.from({ length: 80 }, async () => {
        const browser = openBrowser();
        return { browser, ...(await browser.visit("/weather")) };
      }),
    );
    const askAll = () => Promise.all(tabs.map(({ browser, claim }) => browser.ask("/weather", claim)));
    const first = await askAll();
    await askAll();
    expect(lightning.calls.lookupInvoice).toBe(50);
    // Nothing is known of thirty of them, and their pages go on asking.
    for (const answer of first) expect(answer).toMatchObject({ code: 200, status: "open", freshInMs: 1000 });
    clock.advanceSeconds(1);
    tabs.reverse();
    // Those of which nothing was known have waited longest and are asked about; of the others, the last answer stands.
    for (const answer of await askAll()) expect(answer).toMatchObject({ code: 200, status: "open", freshInMs: 1000 });
    expect(lightning.calls.lookupInvoice).toBe(100);
    for (const { invoice } of tabs) payElsewhere(invoice);
    for (let i = 0; i < 2; i++) {
      clock.advanceSeconds(1);
      await askAll();
    }
    for (const answer of await askAll()) expect(answer).toMatchObject({ status: "settled" });
    expect(lightning.calls.lookupInvoice).toBe(180);
  });

  /** Attackers who ask about all their invoices at the beginning of every second, and a visitor who asks after them. */
  async function besieged(addresses: string[], invoicesEach: number) {
    const shop = openShop({
      paywall: { challengeLimiter: false, clientKey: (request) => request.header("x-address") },
    });
    const attackers = addresses.flatMap((address) => Array.from({ length: invoicesEach }, () => address));
    const held = await Promise.all(
      attackers.map(async (address) => {
        const browser = shop.openBrowser();
        const from = { "x-address": address };
        return { browser, from, ...(await browser.visit("/weather", from)) };
      }),
    );
    const attack = () => Promise.all(held.map(({ browser, claim, from }) => browser.ask("/weather", claim, from)));
    const visitor = shop.openBrowser();
    const { claim, invoice } = await visitor.visit("/weather");
    await attack();
    shop.payElsewhere(invoice);
    /** How many seconds the visitor has to wait. */
    async function secondsUntil(isIn: () => Promise<boolean>): Promise<number> {
      for (let seconds = 0; seconds < 30; seconds++) {
        if (await isIn()) return seconds;
        shop.clock.advanceSeconds(1);
        await attack();
      }
      return Number.POSITIVE_INFINITY;
    }
    return { ...shop, held, attack, visitor, claim, invoice, secondsUntil };
  }

  it.each([
    ["one address", ["192.0.2.1"], 120, 1],
    ["120 addresses of one network", Array.from({ length: 120 }, (_, i) => `2001:db8:7:${i.toString(16)}::1`), 1, 1],
    ["120 networks", Array.from({ length: 120 }, (_, i) => `192.0.2.${i}`), 1, 3],
    ["where clients cannot be told apart", [""], 120, 3],
  ])(
    "a visitor who paid gets in while an attacker asks about 120 invoices, from %s",
    async (_, addresses, each, wait) => {
      const { visitor, claim, secondsUntil, lightning } = await besieged(addresses, each);
      const before = lightning.calls.lookupInvoice;
      const waited = await secondsUntil(async () => {
        const { code, status } = await visitor.ask("/weather", claim);
        expect([code, status]).toEqual([200, expect.stringMatching(/^(open|settled)$/)]);
        return status === "settled";
      });
      expect(waited).toBeLessThanOrEqual(wait);
      expect(waited).toBeGreaterThan(0);
      expect(lightning.calls.lookupInvoice - before).toBeLessThanOrEqual(50 * waited);
      expect((await visitor.visit("/weather")).status).toBe(200);
    },
  );

  it("a visitor who paid gets in by a reload too, and keeps the invoice meanwhile", async () => {
    const { visitor, invoice, secondsUntil } = await besieged(["192.0.2.1", "192.0.2.2"], 60);
    const waited = await secondsUntil(async () => {
      const page = await visitor.visit("/weather");
      if (page.status === 402) expect(page.invoice).toBe(invoice);
      return page.status === 200;
    });
    expect(waited).toBeLessThanOrEqual(1);
  });

  it("a visitor who paid and comes back late gets no new invoice while it waits in line", async () => {
    const shop = openShop({ paywall: { challengeLimiter: false } });
    const visitor = shop.openBrowser();
    shop.payElsewhere((await visitor.visit("/weather")).invoice);
    shop.clock.advanceSeconds(601);
    const others = await Promise.all(
      Array.from({ length: 120 }, async () => {
        const browser = shop.openBrowser();
        return { browser, ...(await browser.visit("/weather")) };
      }),
    );
    let page: Visit;
    let seconds = 0;
    do {
      shop.clock.advanceSeconds(1);
      await Promise.all(others.map(({ browser, claim }) => browser.ask("/weather", claim)));
      page = await visitor.visit("/weather");
      // The browser asks again by itself, within the three seconds for which the invoice keeps its place.
      if (seconds === 0) {
        expect(page).toMatchObject({ status: 503, invoice: "" });
        expect(page.headers.get("refresh")).toBe("2");
      }
    } while (page.status === 503 && ++seconds < 10);
    expect(page).toMatchObject({ status: 200, text: "the goods" });
    expect(shop.lightning.invoices).toHaveLength(121);
  });

  it("invoices that ended unpaid wait together as one client", async () => {
    const { visitor, claim, clock, held, attack, lightning, secondsUntil } = await besieged([""], 100);
    for (const { invoice } of held) lightning.cancel(decodeInvoice(invoice).paymentHash);
    for (let i = 0; i < 3; i++) {
      clock.advanceSeconds(1);
      await attack();
    }
    // The line is full again, with invoices that ended.
    clock.advanceSeconds(60);
    await attack();
    expect(await secondsUntil(async () => (await visitor.ask("/weather", claim)).status === "settled")).toBe(1);
  });

  it("is not asked again while the provider takes its time", async () => {
    let answer = () => {};
    let asked = 0;
    const { openBrowser, clock } = openShop({
      provider: (provider) => ({
        ...provider,
        async lookupInvoice(ref, options) {
          asked++;
          await new Promise<void>((resolve) => {
            answer = resolve;
          });
          return provider.lookupInvoice(ref, options);
        },
      }),
    });
    const browser = openBrowser();
    const { claim } = await browser.visit("/weather");
    const first = browser.ask("/weather", claim);
    await vi.waitFor(() => expect(asked).toBe(1));
    clock.advanceSeconds(2);
    const second = browser.ask("/weather", claim);
    // The second one has gone as far as it can before this one has its answer.
    expect(await browser.ask("/weather", "junk")).toMatchObject({ status: "unknown" });
    answer();
    expect([await first, await second]).toMatchObject([{ status: "open" }, { status: "open" }]);
    expect(asked).toBe(1);
  });

  it("tabs of one page hold one invoice", async () => {
    const { openBrowser, lightning } = openShop();
    const browser = openBrowser();
    const first = await browser.visit("/weather");
    expect((await browser.visit("/weather")).invoice).toBe(first.invoice);
    expect(lightning.invoices).toHaveLength(1);
  });

  it("tabs that were opened at the same moment all keep their claims", async () => {
    const { openBrowser, payElsewhere } = openShop();
    const browser = openBrowser();
    const pages = ["/a", "/b", "/c"];
    const tabs = await Promise.all(pages.map((page) => browser.visit(page)));
    for (const [at, { claim, invoice }] of tabs.entries()) {
      payElsewhere(invoice);
      expect(await browser.ask(pages[at] as string, claim)).toMatchObject({ status: "settled" });
    }
  });

  it("is unavailable while the provider is down, and the invoice stays", async () => {
    const { openBrowser, lightning, clock, payElsewhere } = openShop();
    const browser = openBrowser();
    const { claim, invoice } = await browser.visit("/weather");
    lightning.always("lookupInvoice", "PROVIDER_UNREACHABLE");
    expect(await browser.ask("/weather", claim)).toMatchObject({ code: 503, status: "unavailable" });
    expect(browser.claim).toBeDefined();
    const again = await browser.visit("/weather");
    expect(again).toMatchObject({ status: 402, invoice });
    expect(again.text).toContain('data-state="cannotCheck"');
    lightning.heal();
    clock.advanceSeconds(1);
    payElsewhere(invoice);
    expect(await browser.ask("/weather", claim)).toMatchObject({ status: "settled" });
  });

  it("is unavailable, and not over, while the seller's own terms fail", async () => {
    let broken = false;
    const terms = () => {
      if (broken) throw new Error("the exchange rate is down");
      return { price: 21 };
    };
    const browser = openShop({ terms }).openBrowser();
    const { claim } = await browser.visit("/weather");
    broken = true;
    expect(await browser.ask("/weather", claim)).toMatchObject({ code: 503, status: "unavailable" });
  });

  it.each([undefined, null, {}, { status: "paid" }, { status: "SETTLED" }, "settled", { settled: true }])(
    "odd answers of a provider are no payment: %j",
    async (answer) => {
      const { openBrowser } = openShop({
        provider: (provider) => ({ ...provider, lookupInvoice: () => Promise.resolve(answer as never) }),
      });
      const browser = openBrowser();
      const { claim } = await browser.visit("/weather");
      expect(await browser.ask("/weather", claim)).toMatchObject({ code: 503, status: "unavailable" });
      expect((await browser.visit("/weather")).status).toBe(402);
      expect(browser.pass).toBeUndefined();
    },
  );

  it.each(["expired", "canceled"] as const)(
    "says that an invoice is %s, and the next visit brings a new one",
    async (end) => {
      const { openBrowser, lightning, clock } = openShop();
      const browser = openBrowser();
      const { claim, invoice } = await browser.visit("/weather");
      if (end === "expired") clock.advanceSeconds(601);
      else lightning.cancel(lightning.invoices[0]?.paymentHash as string);
      expect(await browser.ask("/weather", claim)).toMatchObject({ status: end });
      const next = await browser.visit("/weather");
      expect(next.status).toBe(402);
      expect(next.invoice).not.toBe(invoice);
    },
  );

  it("believes a browser's wallet its preimage, and no other", async () => {
    const { openBrowser, lightning, payElsewhere } = openShop();
    const browser = openBrowser();
    const { claim, invoice } = await browser.visit("/weather");
    lightning.always("lookupInvoice", "PROVIDER_UNREACHABLE");
    const preimage = payElsewhere(invoice);
    for (const wrong of ["00".repeat(32), preimage.slice(2), "x"]) {
      expect(await browser.ask("/weather", claim, { "l402-preimage": wrong })).toMatchObject({ code: 503 });
    }
    const right = { "l402-preimage": preimage.toUpperCase() };
    expect(await browser.ask("/weather", claim, right)).toMatchObject({ status: "settled" });
    expect((await browser.visit("/weather")).status).toBe(200);
  });

  it("opens nothing by a preimage alone where that proves nothing", async () => {
    const { openBrowser, lightning, payElsewhere, clock } = openShop({ node: { preimageProvesPayment: false } });
    const browser = openBrowser();
    const { claim, invoice } = await browser.visit("/weather");
    // For the paywall, this is somebody who can read preimages and has not paid.
    lightning.always("lookupInvoice", "still-open");
    const preimage = payElsewhere(invoice);
    expect(await browser.ask("/weather", claim, { "l402-preimage": preimage })).toMatchObject({ status: "settled" });
    expect(await browser.visit("/weather")).toMatchObject({ status: 402, invoice: "" });
    lightning.heal();
    clock.advanceSeconds(1);
    expect((await browser.visit("/weather")).status).toBe(200);
  });

  it("is only answered to GET", async () => {
    const { openBrowser } = openShop();
    const browser = openBrowser();
    const { claim } = await browser.visit("/weather");
    const response = await browser.send("/weather", { "l402-status": claim }, "POST");
    expect(response.status).toBe(402);
  });

  it("opens in all tabs what a pass opens that was bought in one of them, unless it is counted or for something else", async () => {
    for (const [uses, resource, status] of [
      ["unlimited", "articles", "settled"],
      [9, "articles", "open"],
      ["unlimited", undefined, "open"],
    ] as const) {
      const terms = { price: 21, uses, ...(resource && { resource }) };
      const { openBrowser, payElsewhere, clock } = openShop({ terms, page: { passPath: "/articles" } });
      const browser = openBrowser();
      const bought = await browser.visit("/articles/1");
      const other = await browser.visit("/articles/2");
      expect(await browser.ask("/articles/2", other.claim)).toMatchObject({ status: "open" });
      payElsewhere(bought.invoice);
      clock.advanceSeconds(1);
      await browser.ask("/articles/1", bought.claim);
      expect(await browser.ask("/articles/2", other.claim)).toMatchObject({ status });
    }
  });

  it("gives a receipt where the provider keeps preimages", async () => {
    const { openBrowser, payElsewhere } = openShop({ provider: keepsPreimages });
    const browser = openBrowser();
    const { claim, invoice } = await browser.visit("/weather");
    payElsewhere(invoice);
    expect(await browser.ask("/weather", claim)).toMatchObject({ status: "settled" });
    expect(browser.pass).toMatch(/:r[0-9a-f]{64}$/);
    expect(await browser.visit("/weather")).toMatchObject({ status: 200, text: "the goods" });
  });
});
