import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fakeClock, fakeLightning } from "@l402/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { axeViolations } from "../src/axe-violations.ts";
import { type Browser, openBrowser, type Page } from "../src/chromium.ts";
import { isInstalled } from "../src/installed.ts";
import { openPageShop, type PageShop } from "../src/page-shop.ts";
import { scanQr } from "../src/scan-qr.ts";

const images = fileURLToPath(new URL("../../../docs/images", import.meta.url));

describe.skipIf(!isInstalled("chromium"))("the page for people", () => {
  const clock = fakeClock();
  const lightning = fakeLightning({ clock });
  const closing: (() => unknown)[] = [];
  let shop: PageShop;
  let down: PageShop;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    const { provider } = lightning;
    const fiat = { currency: "USD", pricePerBitcoin: () => 63_000 };
    shop = await openPageShop({
      provider,
      routes: {
        "/weather": {
          price: 250,
          uses: 3,
          validForSeconds: 86_400,
          description: "Tomorrow’s weather for Lisbon, hour by hour",
        },
        "/plain": { price: 1, uses: "unlimited", description: "اقرأ هذا <b>المقال</b>" },
      },
      page: { seller: "Weather Ltd", fiat },
      paywall: { clock },
    });
    const failing = { ...provider, createInvoice: () => Promise.reject(new Error("down")) };
    down = await openPageShop({ provider: failing, routes: { "/weather": { price: 1 } } });
    browser = await openBrowser();
    page = await browser.open(`${shop.url}/weather`);
    closing.push(shop.close, down.close, browser.close);
  });
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });

  it.each([
    ["desktop", "light"],
    ["desktop", "dark"],
    ["phone", "light"],
    ["phone", "dark"],
  ] as const)("has no flaw that axe-core knows, and a code that can be scanned: %s, %s", async (device, scheme) => {
    const size = device === "phone" ? { width: 390, height: 844 } : { width: 1100, height: 760 };
    await page.goto(`${shop.url}/weather`);
    await page.until('document.querySelector("main").dataset.state === "waiting"');
    // Without motion, because a colour on its way to another is neither.
    await page.emulate({ reducedMotion: true });
    const shown = { ...size, dark: scheme === "dark" };
    const picture = await page.screenshot(shown);
    const invoice = await page.evaluate<string>("document.querySelector('main').dataset.invoice");
    expect(scanQr(await page.screenshot({ ...shown, height: 1300 }))).toBe(`LIGHTNING:${invoice.toUpperCase()}`);
    expect(await axeViolations(page)).toEqual([]);
    // UPDATE_SCREENSHOTS=1 renews the pictures in the docs.
    if (process.env.UPDATE_SCREENSHOTS) {
      mkdirSync(images, { recursive: true });
      writeFileSync(`${images}/paywall-page-${device}-${scheme}.png`, picture);
    }
  });

  it.each(["en", "de", "es", "fr", "ar"])("fits a screen of 320 pixels, and prints, in %s", async (language) => {
    const foreign = await browser.open(`${shop.url}/plain`, { language });
    try {
      expect(await foreign.evaluate("document.documentElement.lang")).toBe(language);
      await foreign.emulate({ width: 320, height: 640, dark: language === "de", reducedMotion: true });
      expect(await foreign.evaluate("document.documentElement.scrollWidth")).toBe(320);
      expect(await axeViolations(foreign)).toEqual([]);
      expect(await foreign.evaluate("document.getAnimations().length")).toBe(0);
      await foreign.emulate({ width: 800, height: 1100, media: "print" });
      expect(await foreign.evaluate("document.getElementById('invoice').checkVisibility()")).toBe(true);
      expect(await foreign.evaluate("document.getElementById('copy').checkVisibility()")).toBe(false);
    } finally {
      await foreign.close();
    }
  });

  it("has no flaw when it was paid, and on paper, and with large letters", async () => {
    await page.goto(`${shop.url}/weather`);
    for (const dark of [false, true]) {
      await page.emulate({ dark, width: 1100, height: 760, reducedMotion: true });
      // What remains where what was sold is a download.
      await page.evaluate('document.querySelector("main").dataset.state = "paid"');
      expect(await axeViolations(page)).toEqual([]);
      await page.emulate({ media: "print" });
      expect(await axeViolations(page)).toEqual([]);
      await page.emulate({ media: "screen" });
    }
    await page.evaluate('document.documentElement.style.fontSize = "200%"');
    await page.emulate({ width: 320, height: 640 });
    const heightOf = (selector: string) =>
      page.evaluate<number>(`document.querySelector("${selector}").getBoundingClientRect().height`);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(320);
    // Two lines at most: "1 day" was one letter a line.
    expect(await heightOf("dl div:last-child dd")).toBeLessThan(2 * 48 + 1);
    await page.evaluate('document.documentElement.style.fontSize = ""');
  });

  it("can be used with the keyboard alone", async () => {
    await page.goto(`${shop.url}/plain`);
    await page.emulate({ width: 1100, height: 760, dark: false });
    const visited: string[] = [];
    for (let i = 0; i < 4; i++) {
      await page.press("Tab");
      visited.push(await page.evaluate("document.activeElement.id || document.activeElement.tagName"));
      expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")).not.toBe("none");
      if (visited.at(-1) === "copy") {
        await page.press("Enter");
        await page.until('document.getElementById("copy").textContent === "Copied"');
      }
    }
    expect(visited).toEqual(["open-wallet", "copy", "SUMMARY", "reload"]);
    await page.evaluate('document.querySelector("summary").focus()');
    await page.press("Enter");
    expect(await page.evaluate("document.getElementById('invoice').checkVisibility()")).toBe(true);
    expect(await axeViolations(page)).toEqual([]);
  });

  it("has no flaw when it has nothing to sell, when the invoice has expired, and without JavaScript", async () => {
    for (const dark of [false, true]) {
      await page.emulate({ dark });
      await page.goto(`${down.url}/weather`);
      expect(await page.evaluate("document.querySelector('h1').textContent")).toMatch(/not available/);
      expect(await axeViolations(page)).toEqual([]);
      await page.goto(`${shop.url}/plain`);
      clock.advanceSeconds(601);
      await page.until('document.querySelector("main").dataset.state === "expired"');
      expect(await axeViolations(page)).toEqual([]);
    }
    // A flaw would be found.
    await page.evaluate('document.querySelector("main").append(document.createElement("img"))');
    expect(await axeViolations(page)).not.toEqual([]);
    const plain = await browser.open(`${shop.url}/weather`, { javaScript: false });
    await plain.emulate({ width: 390, height: 844, dark: true });
    expect(await plain.evaluate("document.documentElement.className")).toBe("");
    expect(await plain.evaluate("document.documentElement.scrollWidth")).toBe(390);
    await plain.close();
  });
});
