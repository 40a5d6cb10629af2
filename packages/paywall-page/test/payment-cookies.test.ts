import { describe, expect, it } from "vitest";
import { isClaimName, isPassName } from "../src/cookie-names.ts";
import { Browser } from "./browser.ts";
import { openShop } from "./shop.ts";

type Shop = ReturnType<typeof openShop>;

/** What is sold at each path, for a day. */
const dayPass = { price: 21, uses: "unlimited", validForSeconds: 86_400 } as const;
const article = ({ url }: Request) => ({ ...dayPass, resource: `article ${new URL(url).searchParams}` });

async function buy({ payElsewhere, clock }: Shop, browser: Browser, path: string): Promise<number> {
  payElsewhere((await browser.visit(path)).invoice);
  clock.advanceSeconds(1);
  return (await browser.visit(path)).status;
}

const claimsOf = ({ jar }: Browser) => jar.filter(({ name }) => isClaimName(name));
const claimBytes = (browser: Browser, path: string) =>
  browser
    .cookiesFor(path)
    .split("; ")
    .filter((cookie) => cookie.startsWith("l402_pending_"))
    .join("; ").length;
const passesOf = ({ jar }: Browser) => jar.filter(({ name }) => isPassName(name));
const sizeOf = (cookies: Browser["jar"]) =>
  cookies.reduce((sum, { name, value }) => sum + `${name}=${value}; `.length, 0);

describe("the cookies of several pages", () => {
  it("do not replace each other below one passPath, where each page is sold by itself", async () => {
    const shop = openShop({ terms: dayPass, page: { passPath: "/articles" } });
    const browser = shop.openBrowser();
    expect(await buy(shop, browser, "/articles/one")).toBe(200);
    expect(await buy(shop, browser, "/articles/two")).toBe(200);
    expect((await browser.visit("/articles/one")).status).toBe(200);
    expect(passesOf(browser).map(({ path }) => path)).toEqual(["/articles", "/articles"]);
  });

  it("do not replace each other where two tabs have bought what is sold together", async () => {
    const shop = openShop({ terms: { price: 21, uses: 2, resource: "all" }, page: { passPath: "/articles" } });
    const browser = shop.openBrowser();
    const paths = ["/articles/one", "/articles/two"];
    const tabs = await Promise.all(paths.map((path) => browser.visit(path)));
    for (const [at, { claim, invoice }] of tabs.entries()) {
      shop.payElsewhere(invoice);
      for (const kept of [false, true])
        expect(await browser.ask(paths[at] as string, claim)).toMatchObject({ status: "settled", kept });
    }
    const statuses = [];
    for (let i = 0; i < 5; i++) statuses.push((await browser.visit("/articles/one")).status);
    expect(statuses).toEqual([200, 200, 200, 200, 402]);
  });

  it("open a page in turn, also behind a claim of the folder above that was paid and used up", async () => {
    const shop = openShop({ terms: { price: 21, uses: 2, resource: "all" } });
    const browser = shop.openBrowser();
    const { invoice } = await browser.visit("/articles");
    expect((await browser.visit("/articles/one")).invoice).toBe(invoice);
    for (let bought = 0; bought < 2; bought++) {
      expect(await buy(shop, browser, "/articles/one")).toBe(200);
      expect((await browser.visit("/articles/one")).status).toBe(200);
    }
    expect((await browser.visit("/articles/one")).status).toBe(402);
  });

  it("are few: what is bought again and again pushes out no other pass", async () => {
    const shop = openShop({
      terms: ({ url }) => (url.endsWith("/short") ? { ...dayPass, validForSeconds: 60 } : { ...dayPass, uses: 1 }),
      page: { passPath: "/" },
    });
    const browser = shop.openBrowser();
    expect(await buy(shop, browser, "/short")).toBe(200);
    for (let i = 0; i < 12; i++) expect(await buy(shop, browser, "/again")).toBe(200);
    expect(sizeOf(passesOf(browser))).toBeLessThan(3600);
    expect((await browser.visit("/short")).status).toBe(200);
  });

  it("are few: pages that are bought again and again leave room in what the folders above send too", async () => {
    const shop = openShop({ terms: { price: 21, validForSeconds: 86_400 } });
    const browser = shop.openBrowser();
    for (const path of ["/a/b/c", "/a/b", "/a"]) {
      for (let i = 0; i < 9; i++) expect(await buy(shop, browser, path)).toBe(200);
    }
    // nginx refuses more than 8 KiB, also of cookies of the app.
    expect(browser.cookiesFor("/a/b/c").length).toBeLessThan(6000);
  });

  it("are few: the claim that ends first gives way, and no pass does", async () => {
    const shop = openShop({ terms: article });
    const browser = shop.openBrowser();
    expect(await buy(shop, browser, "/a?id=bought")).toBe(200);
    const invoices = new Map<string, string>();
    for (let id = 0; id < 20; id++) {
      const { invoice, headers } = await browser.visit(`/a?id=${id}`);
      invoices.set(`/a?id=${id}`, invoice);
      expect(headers.getSetCookie().length).toBeLessThanOrEqual(3);
      shop.clock.advanceSeconds(10);
    }
    expect(sizeOf(claimsOf(browser))).toBeLessThan(3600);
    for (const id of [19, 18, 17])
      expect((await browser.visit(`/a?id=${id}`)).invoice).toBe(invoices.get(`/a?id=${id}`));
    expect((await browser.visit("/a?id=0")).invoice).not.toBe(invoices.get("/a?id=0"));
    expect((await browser.visit("/a?id=bought")).status).toBe(200);
  });

  it("are few: the pass that ends first gives way to a new one", async () => {
    const shop = openShop({ terms: article });
    const browser = shop.openBrowser();
    for (let id = 0; id < 20; id++) {
      expect(await buy(shop, browser, `/a?id=${id}`)).toBe(200);
      shop.clock.advanceSeconds(10);
    }
    expect(sizeOf(passesOf(browser))).toBeLessThan(3600);
    for (let id = 13; id < 20; id++) expect((await browser.visit(`/a?id=${id}`)).status).toBe(200);
    expect((await browser.visit("/a?id=0")).status).toBe(402);
  });

  it.each([
    ["named by their query", article, 4, ["/a", "/a/b", "/a/b,c/d", "/a/b,c/d/e"]],
    ["named by their path", dayPass, 1, Array.from({ length: 20 }, (_, depth) => "/a".repeat(depth + 1))],
    [
      "sold together",
      { ...dayPass, resource: "all" },
      1,
      Array.from({ length: 20 }, (_, depth) => "/a".repeat(depth + 1)),
    ],
  ])("are few together with those of the folders above, for resources %s", async (_, terms, each, paths) => {
    const shop = openShop({ terms, page: { pathPrefix: "/api" } });
    const browser = new Browser((request) => shop.serve(new Request(request.url.replace("/api", ""), request)));
    for (const [depth, path] of paths.entries()) {
      for (let id = 0; id < each; id++) {
        shop.clock.advanceSeconds(1);
        const at = `/api${path}?id=${each * depth + id}`;
        const { invoice, headers } = await browser.visit(at);
        expect(headers.getSetCookie().length).toBeLessThanOrEqual(4);
        expect((await browser.visit(at)).invoice).toBe(invoice);
        expect(claimBytes(browser, `/api${path}`)).toBeLessThan(3600);
      }
    }
  });

  it("are not pushed out by those that another subdomain sets", async () => {
    const shop = openShop({ terms: article });
    const [thief, browser] = [shop.openBrowser(), shop.openBrowser()];
    const { invoice } = await browser.visit("/a?id=1");
    shop.clock.advanceSeconds(60);
    for (let id = 2; id < 6; id++) await thief.visit(`/a?id=${id}`);
    browser.jar.unshift(...claimsOf(thief).map((claim) => ({ ...claim, domain: "shop.example" })));
    await browser.visit("/a?id=7");
    expect((await browser.visit("/a?id=1")).invoice).toBe(invoice);
  });

  it("share the browser's id, which a page with a short claim does not end early", async () => {
    const shop = openShop({
      terms: ({ url }) => ({ price: 21, validForSeconds: url.endsWith("/long") ? 86_400 : 60 }),
    });
    const browser = shop.openBrowser();
    for (const path of ["/long", "/short"]) {
      const { headers } = await browser.visit(path);
      const [id = ""] = headers.getSetCookie().filter((line) => line.startsWith("__Host-"));
      expect(Number(/Max-Age=(\d+)/.exec(id)?.[1])).toBeGreaterThan(86_400);
    }
    expect(browser.jar.filter(({ name }) => name.startsWith("__Host-"))).toHaveLength(1);
  });
});
