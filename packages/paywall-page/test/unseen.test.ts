import { describe, expect, it } from "vitest";
import { buy, openShop } from "./shop.ts";

describe("what is fetched ahead", () => {
  it.each([
    ["sec-purpose", "prefetch"],
    ["x-sec-purpose", "prefetch"],
    ["rsc", "1"],
  ])("costs no invoice: %s", async (name, value) => {
    const { openBrowser, lightning } = openShop();
    const ahead = await openBrowser().visit("/weather", { [name]: value });
    expect(ahead.status).toBe(402);
    expect(lightning.invoices).toHaveLength(0);
    expect(ahead.headers.getSetCookie()).toEqual([]);
  });

  it("leaves the last visit of a pass to the visitor, however often the mouse is over a link", async () => {
    const browser = await buy(openShop({ terms: { price: 21, uses: 2 } }));
    const hover = {
      accept: "text/html, application/xhtml+xml",
      "sec-fetch-site": "same-origin",
      "x-sec-purpose": "prefetch",
    };
    for (let i = 0; i < 3; i++) expect((await browser.send("/weather", hover)).status).toBe(402);
    expect((await browser.visit("/weather")).status).toBe(200);
  });

  it("leaves the last visit to the visitor, whose click on a link of Next fetches what Next drops", async () => {
    const browser = await buy(openShop({ terms: { price: 21, uses: 2 } }));
    const link = { accept: "*/*", "sec-fetch-site": "same-origin", "sec-fetch-dest": "empty", rsc: "1" };
    for (let i = 0; i < 3; i++) expect((await browser.send("/weather", link)).status).toBe(402);
    expect((await browser.visit("/weather")).status).toBe(200);
  });

  it("opens with a pass that is not counted", async () => {
    const browser = await buy(openShop({ terms: { price: 21, uses: "unlimited" } }));
    expect((await browser.visit("/weather", { "sec-purpose": "prefetch" })).status).toBe(200);
  });
});

describe("what a browser loads into a page", () => {
  const part = (dest: string) => ({ accept: "*/*", "sec-fetch-site": "same-origin", "sec-fetch-dest": dest });

  it.each(["audio", "video", "image", "font", "script", "style", "track"])(
    "is refused without an invoice, which nobody would see: %s",
    async (dest) => {
      const { openBrowser, lightning } = openShop();
      const refused = await openBrowser().send("/song", part(dest));
      expect(refused.status).toBe(402);
      expect(refused.headers.get("www-authenticate")).not.toContain("macaroon");
      expect(await refused.json()).toMatchObject({ code: "CREDENTIAL_MISSING" });
      expect(lightning.invoices).toHaveLength(0);
    },
  );

  it("gets none where the only visit of its pass was the page itself, as with a song", async () => {
    const shop = openShop();
    const browser = await buy(shop, "/song");
    expect((await browser.visit("/song")).status).toBe(200);
    const refused = await browser.send("/song", { ...part("audio"), range: "bytes=0-" });
    expect(await refused.json()).toMatchObject({ code: "CREDENTIAL_USED_UP" });
    expect(shop.lightning.invoices).toHaveLength(1);
  });

  it("opens with a pass, and a script of the site gets an invoice", async () => {
    const shop = openShop({ terms: { price: 21, uses: "unlimited" } });
    const browser = await buy(shop, "/song");
    expect((await browser.send("/song", part("audio"))).status).toBe(200);
    expect((await shop.openBrowser().send("/song", part("empty"))).headers.get("www-authenticate")).toContain("L402 ");
  });
});
