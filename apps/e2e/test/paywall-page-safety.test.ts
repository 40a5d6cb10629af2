import { decodeInvoice } from "@l402/core";
import { fakeLightning } from "@l402/testing";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { type Browser, openBrowser, type Page, type PageOptions } from "../src/chromium.ts";
import { isInstalled } from "../src/installed.ts";
import { openPageShop } from "../src/page-shop.ts";
import { scanQr } from "../src/scan-qr.ts";

const EVIL = `</p><img src=x onerror="alert(1)"><script>alert(1)</script> \u202eesrever\u202c 🌦 ${"w".repeat(600)}`;
const goods = 'document.getElementById("goods")?.textContent';
const data = (name: string) => `document.querySelector("main").dataset.${name}`;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

let browser: Browser;
const open = async (url: string, options?: PageOptions): Promise<Page> => {
  browser ??= await openBrowser(["--host-resolver-rules=MAP shop.example 127.0.0.1"]);
  const page = await browser.open(url, options);
  closing.push(page.close);
  return page;
};
afterAll(() => browser?.close());

async function openShop() {
  const lightning = fakeLightning();
  const shop = await openPageShop({
    provider: lightning.provider,
    routes: { "/weather": { price: 21, uses: 3 }, "/evil": { price: 21, description: EVIL } },
    page: { seller: EVIL, texts: { en: { title: EVIL, waiting: EVIL } } },
  });
  closing.push(shop.close);
  return { lightning, shop };
}

describe.skipIf(!isInstalled("chromium"))("in a browser", () => {
  it("the policy has no violations, nothing comes from elsewhere, and a description is text", async () => {
    const { shop } = await openShop();
    const page = await open(`${shop.url}/evil`);
    await page.until(`document.getElementById("status").textContent.includes("</p>")`);
    await page.until("performance.getEntriesByType('resource').length");
    expect(page.problems).toEqual([]);
    expect(page.requests.length).toBeGreaterThanOrEqual(2);
    expect(page.requests.filter((url) => !url.startsWith(shop.url) && !url.startsWith("data:"))).toEqual([]);
    expect(await page.evaluate('document.querySelector(".description").textContent')).toBe(EVIL);
    expect(await page.evaluate('document.querySelector("h1").textContent')).toBe(EVIL);
    expect(await page.evaluate("document.querySelectorAll('img, script:not([nonce])').length")).toBe(0);
    await page.emulate({ width: 320, height: 640 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(320);
    // The policy is one that stops what it should: an attempt is a problem.
    await page.evaluate(
      'document.body.append(Object.assign(document.createElement("img"), { src: "https://evil.example/x" }))',
    );
    await vi.waitFor(() => expect(page.problems.join()).toContain("evil.example"));
  });

  it("nobody can put the page in a frame, and what nobody would see costs no invoice", async () => {
    const { lightning, shop } = await openShop();
    const page = await open(`${shop.url}/free`);
    await page.evaluate(`for (const [tag, link] of [["object", "data"], ["embed", "src"], ["iframe", "src"]])
      document.body.append(Object.assign(document.createElement(tag), { [link]: "/weather?" + tag }))`);
    const loaded = "performance.getEntriesByType('resource').map(({ name }) => name.split('/weather?')[1])";
    await page.until(`${loaded}.includes("iframe")`);
    expect(await page.evaluate("frames[0].document?.querySelector('main') ?? null").catch(() => null)).toBeNull();
    await page.until(`${loaded}.filter(Boolean).length === 3`);
    expect(lightning.invoices).toHaveLength(0);
  });

  it("what is planted by another subdomain is not what a visitor pays", async () => {
    const { lightning, shop } = await openShop();
    const [own, evil] = [`http://shop.localhost:${shop.port}`, `http://evil.shop.localhost:${shop.port}`];
    const thief = await fetch(`${shop.url}/weather`, { headers: { accept: "text/html" } });
    const [, trap = ""] = /data-invoice="([^"]+)"/.exec(await thief.text()) ?? [];
    const cookies = thief.headers.getSetCookie().flatMap((line) => {
      const [pair = "", path] = [line.split(";")[0], /Path=[^;]+/.exec(line)?.[0]];
      const lower = pair.replace("__Host-", "__host-");
      return [pair, lower].map((text) => `${text}; ${path}; Domain=shop.localhost; Secure; SameSite=Lax`);
    });
    expect(cookies.join()).toMatch(/l402_pending_[0-9a-f]{6}=.*__Host-l402-/);
    const page = await open(`${evil}/plant?cookies=${encodeURIComponent(JSON.stringify(cookies))}`);
    await page.goto(`${own}/weather`);
    // The offer has arrived, and the browser id has not.
    expect(await page.evaluate("document.cookie")).toMatch(/^l402_pending_[0-9a-f]{6}=[^;]+$/);
    const invoice = await page.evaluate<string>(data("invoice"));
    expect(invoice).not.toBe(trap);
    lightning.settle(decodeInvoice(invoice).paymentHash);
    expect(await page.until(goods)).toBe("Sunny, with a light breeze");
    // The thief has the offer that nobody paid.
    expect(lightning.invoices.map(({ bolt11, status }) => [bolt11 === trap, status])).toEqual([
      [true, "open"],
      [false, "settled"],
    ]);
  });

  it("a pass is not spent by a link on another site, and shows what is left", async () => {
    const { lightning, shop } = await openShop();
    const url = `http://localhost:${shop.port}`;
    const page = await open(`${url}/weather`);
    lightning.settle(decodeInvoice(await page.evaluate<string>(data("invoice"))).paymentHash);
    await page.until(goods);
    // Scripts cannot read it.
    expect(await page.evaluate("document.cookie")).toBe("");
    await page.goto(`http://127.0.0.1:${shop.port}/free`);
    await page.evaluate(`document.getElementById("link").href = "${url}/weather"`);
    await page.evaluate('document.getElementById("link").click()');
    await page.until('document.querySelector("dd")?.textContent === "2"');
    await page.evaluate('document.querySelector("a.primary").click()');
    expect(await page.until(goods)).toBe("Sunny, with a light breeze");
  });

  it("that keeps no cookies, people are told so before they pay", async () => {
    const { shop } = await openShop();
    const page = await open(`http://shop.example:${shop.port}/weather`);
    await page.until(`${data("state")} === "noCookies"`);
    expect(await page.evaluate("document.getElementById('status').textContent")).toContain("before you pay");
    expect(await page.evaluate("document.getElementById('open-wallet').checkVisibility()")).toBe(false);
    // Nor can its code be scanned any more.
    await page.emulate({ reducedMotion: true });
    expect(scanQr(await page.screenshot({ width: 1100, height: 800 }))).toBeUndefined();
  });
});
