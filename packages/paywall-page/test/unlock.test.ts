import {
  attenuateToken,
  decodeInvoice,
  macaroonFormat,
  parseChallenges,
  signedJsonFormat,
  type TokenFormat,
} from "@l402/core";
import { payChallenge } from "@l402/testing";
import { describe, expect, it } from "vitest";
import { isClaimName, isPassName, passName } from "../src/cookie-names.ts";
import { Browser } from "./browser.ts";
import { keepsPreimages, openShop } from "./shop.ts";

type Shop = ReturnType<typeof openShop>;

/** A browser that has paid for a page, as its script does it. */
async function buy({ openBrowser, payElsewhere, clock }: Shop, path = "/weather"): Promise<Browser> {
  const browser = openBrowser();
  const { claim, invoice } = await browser.visit(path);
  payElsewhere(invoice);
  clock.advanceSeconds(1);
  await browser.ask(path, claim);
  return browser;
}

const FROM_ANOTHER_SITE = { "sec-fetch-site": "cross-site" };

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
    const name = await passName("all");
    good.jar.unshift({ name, value: usedUp.pass as string, path: "/weather", domain: "shop.example" });
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

describe("what is fetched ahead", () => {
  it.each(["sec-purpose", "x-sec-purpose"])("costs no invoice: %s", async (name) => {
    const { openBrowser, lightning } = openShop();
    const ahead = await openBrowser().visit("/weather", { [name]: "prefetch" });
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

describe("a thief", () => {
  it("gets nothing by a receipt of his own making, or for another token", async () => {
    const shop = openShop({ provider: keepsPreimages, terms: { price: 21, uses: 9 } });
    const browser = await buy(shop);
    const [token = "", receipt = ""] = browser.pass?.split(":") ?? [];
    const thief = shop.openBrowser();
    const unpaid = await thief.visit("/weather");
    const own = unpaid.claim.split(".")[0] as string;
    const narrowed = attenuateToken(token, { uses: 1 });
    const attempts = [
      `${own}:${receipt}`,
      `${own}:r${"0".repeat(64)}`,
      `${own}:${"0".repeat(64)}`,
      `${own}:${unpaid.claim.slice(-64)}`,
      `${own}:r${unpaid.claim.slice(-64)}`,
      `${own}:${decodeInvoice(unpaid.invoice).paymentHash}`,
      `${own}:r${decodeInvoice(unpaid.invoice).paymentHash}`,
      `${narrowed}:${receipt}`,
      `${token}:${receipt.slice(1)}`,
      `${token}:R${receipt.slice(1)}`,
      `${own},${token}:${receipt}`,
    ];
    thief.jar.length = 0;
    const name = await passName("GET /weather");
    for (const value of attempts) {
      thief.jar[0] = { name, value, path: "/" };
      expect((await thief.visit("/weather")).status).toBe(402);
    }
    thief.jar[0] = { name, value: `${token}:${receipt}`, path: "/" };
    expect((await thief.visit("/weather")).status).toBe(200);
  });

  it("gets nothing by a receipt in an Authorization header", async () => {
    const shop = openShop({ provider: keepsPreimages, terms: { price: 21, uses: 9 } });
    const browser = await buy(shop);
    const [token, receipt = ""] = browser.pass?.split(":") ?? [];
    for (const proof of [receipt, receipt.slice(1)]) {
      const headers = { authorization: `L402 ${token}:${proof}` };
      // With the cookie that would open it: what somebody chose to send stands alone.
      expect((await browser.visit("/weather", headers)).status).toBe(401);
    }
  });

  it("gets nothing by any change to a credential", async () => {
    const shop = openShop({ terms: { price: 21, uses: 9 } });
    const browser = await buy(shop);
    const good = browser.pass as string;
    const thief = shop.openBrowser();
    const name = await passName("GET /weather");
    for (let at = 0; at < good.length; at += 11) {
      const value = good.slice(0, at) + (good[at] === "a" ? "b" : "a") + good.slice(at + 1);
      thief.jar[0] = { name, value, path: "/" };
      expect((await thief.visit("/weather")).status).toBe(402);
    }
    thief.jar[0] = { name, value: good, path: "/" };
    expect((await thief.visit("/weather")).status).toBe(200);
  });

  it("does not get what a visitor pays for a planted offer", async () => {
    const shop = openShop();
    const [thief, victim] = [shop.openBrowser(), shop.openBrowser()];
    const trap = await thief.visit("/weather");
    // What another subdomain can set. The thief's browser id is not among it, because of its name.
    const plant = (value: string) => victim.jar.unshift({ name: "l402_pending_abcdef", value, path: "/weather" });
    plant(thief.claim as string);
    const shown = await victim.visit("/weather");
    expect(shown.invoice).not.toBe(trap.invoice);
    plant(thief.claim as string);
    expect((await victim.visit("/weather")).invoice).not.toBe(trap.invoice);
    shop.payElsewhere(shown.invoice);
    shop.clock.advanceSeconds(1);
    expect(await thief.ask("/weather", shown.claim)).toMatchObject({ status: "unknown" });
    expect(await thief.ask("/weather", trap.claim)).toMatchObject({ status: "open" });
    expect(await victim.ask("/weather", shown.claim)).toMatchObject({ status: "settled" });
  });

  it("hides no paid pass behind cookies of his own, which another subdomain can set", async () => {
    const shop = openShop({ terms: { price: 21, uses: 9 } });
    const [thief, scripted, plain] = [shop.openBrowser(), shop.openBrowser(), shop.openBrowser()];
    const { claim: foreign } = await thief.visit("/weather");
    const claimName = thief.jar.find(({ name }) => isClaimName(name))?.name as string;
    const passName = claimName.replace("pending_", "");
    const unpaid = `${foreign.split(".")[0]}:${"0".repeat(64)}`;
    // A browser sends the oldest of one path first.
    const plant = { path: "/weather", domain: "shop.example" };
    for (const { jar } of [scripted, plain]) {
      for (let i = 0; i < 20; i++) {
        for (const value of ["x", unpaid]) jar.push({ name: passName, value, ...plant });
        jar.push({ name: claimName, value: foreign, ...plant });
      }
    }
    const [first, second] = [await scripted.visit("/weather"), await plain.visit("/weather")];
    for (const { invoice } of [first, second]) shop.payElsewhere(invoice);
    shop.clock.advanceSeconds(1);
    expect(await scripted.ask("/weather", first.claim)).toMatchObject({ status: "settled", kept: false });
    expect(await scripted.ask("/weather", first.claim)).toMatchObject({ status: "settled", kept: true });
    for (const browser of [scripted, plain]) {
      expect((await browser.visit("/weather")).status).toBe(200);
      expect((await browser.visit("/weather")).status).toBe(200);
    }
  });

  describe("with one cheap pass", () => {
    /** The thief's pass outlives what visitors buy. */
    const terms = ({ url }: Request) =>
      url.endsWith("/cheap")
        ? ({ price: 1, uses: "unlimited", validForSeconds: 864_000 } as const)
        : ({ price: 1000, uses: "unlimited", validForSeconds: 86_400 } as const);

    async function visitorAndThief(...bought: string[]) {
      const shop = openShop({ terms, page: { passPath: "/" } });
      const cheap = (await buy(shop, "/cheap")).pass as string;
      const [token = "", proof] = cheap.split(":");
      const visitor = shop.openBrowser();
      async function pay(path: string) {
        shop.payElsewhere((await visitor.visit(path)).invoice);
        shop.clock.advanceSeconds(1);
        expect((await visitor.visit(path)).status).toBe(200);
      }
      for (const path of bought) await pay(path);
      /** Copies of the thief's pass, and different tokens of the same payment. */
      const copies = [cheap, ...[1, 2, 3].map((uses) => `${attenuateToken(token, { uses })}:${proof}`)];
      const plant = (name: string, path: string, value = cheap) =>
        visitor.jar.unshift({ name, value, path, domain: "shop.example" });
      return { visitor, pay, plant, copies };
    }

    it("does not hide what a visitor paid, under other names", async () => {
      const { visitor, plant, copies } = await visitorAndThief("/dear");
      for (let i = 0; i < 32; i++) plant(`l402_${(0xa00000 + i).toString(16)}`, "/dear", copies[i % 4]);
      for (let i = 0; i < 32; i++) plant(await passName("GET /cheap"), "/dear", copies[i % 4]);
      expect((await visitor.visit("/dear")).status).toBe(200);
    });

    it("does not push out what a visitor paid, by copies of one pass", async () => {
      const { visitor, pay, plant, copies } = await visitorAndThief("/one", "/two");
      for (let i = 0; i < 8; i++) plant(`l402_${(0xa00000 + i).toString(16)}`, "/", copies[i % 4]);
      for (let i = 0; i < 8; i++) plant(await passName("GET /cheap"), "/", copies[i % 4]);
      await pay("/three");
      for (const path of ["/one", "/two", "/three"]) expect((await visitor.visit(path)).status).toBe(200);
    });
  });

  it("does not give a browser an id that another name would hold", async () => {
    const shop = openShop();
    const [thief, victim] = [shop.openBrowser(), shop.openBrowser()];
    const trap = await thief.visit("/weather");
    const id = thief.jar.find(({ name }) => name.startsWith("__Host-"))?.value ?? "";
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    for (const name of ["l402-", "__host-l402-", "__Secure-l402-", `l402-${id.slice(0, 6)}`, "__Host-l402-abcdef"]) {
      victim.jar.unshift({ name, value: id, path: "/" }, { name: "l402_pending_abcdef", value: trap.claim, path: "/" });
      expect((await victim.visit("/weather")).invoice).not.toBe(trap.invoice);
      victim.jar.length = 0;
    }
  });

  it("does not show people an invoice of another", async () => {
    const shop = openShop();
    const elsewhere = openShop();
    const browser = shop.openBrowser();
    const { claim } = await browser.visit("/weather");
    const foreign = (await elsewhere.openBrowser().visit("/weather")).invoice;
    const [token, , ...rest] = claim.split(".");
    for (const kept of browser.jar) {
      if (isClaimName(kept.name)) kept.value = [token, foreign, ...rest].join(".");
    }
    const shown = await browser.visit("/weather");
    expect(shown.status).toBe(402);
    expect(shown.invoice).not.toBe(foreign);
  });

  it("gets no page that another site can frame, nor one that runs what is not its own: its policy", async () => {
    const browser = openShop().openBrowser();
    const [first, second] = [await browser.visit("/weather"), await browser.visit("/weather")];
    const policy = first.headers.get("content-security-policy") ?? "";
    const [, nonce = ""] = /script-src 'nonce-([0-9a-f]{32})'/.exec(policy) ?? [];
    expect(policy.split("; ")).toEqual(
      expect.arrayContaining(["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"]),
    );
    expect(nonce).not.toBe("");
    expect(policy).not.toMatch(/unsafe|\*|http/);
    expect(first.text.match(/<(script|style)[^>]*>/g)).toEqual([
      `<style nonce="${nonce}">`,
      `<script nonce="${nonce}">`,
    ]);
    expect(second.headers.get("content-security-policy")).not.toContain(nonce);
    expect(first.text).not.toMatch(/ on[a-z]+=| style=/);
  });

  it("learns nothing of preimages from events", async () => {
    const shop = openShop();
    const browser = await buy(shop);
    await browser.visit("/weather");
    const preimage = browser.pass?.split(":")[1] as string;
    expect(preimage).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(shop.events)).not.toContain(preimage);
  });
});

describe("a program", () => {
  it("gets the same answer as without a page", async () => {
    const [withPage, without] = [openShop(), openShop({ paywall: { page: undefined } })];
    for (const accept of [undefined, "*/*", "application/json", "text/html;q=0.5, application/json"]) {
      const answers = [];
      for (const { serve } of [withPage, without]) {
        const response = await serve(
          new Request("https://shop.example/weather", { headers: accept ? { accept } : {} }),
        );
        const { invoice, token, macaroon, paymentHash, expiresAt, ...rest } = await response.json();
        expect([invoice, token, macaroon, paymentHash, expiresAt].every(Boolean)).toBe(true);
        const headers = [...response.headers].filter(([name]) => name !== "www-authenticate" && name !== "vary");
        answers.push({ status: response.status, headers, rest });
      }
      expect(answers[0]).toEqual(answers[1]);
    }
  });

  it("can pay what a page offers by its header, and no cache mixes them up", async () => {
    const { openBrowser, lightning, serve } = openShop();
    const { headers } = await openBrowser().visit("/weather");
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("vary")?.split(", ")).toEqual(
      expect.arrayContaining(["Authorization", "Accept", "Accept-Language", "Cookie"]),
    );
    expect(parseChallenges(headers.get("www-authenticate"))).not.toHaveLength(0);
    const authorization = await payChallenge(lightning.wallet, headers.get("www-authenticate") as string);
    const paid = await serve(new Request("https://shop.example/weather", { headers: { authorization } }));
    expect(paid.status).toBe(200);
    expect(paid.headers.get("vary")).toContain("Cookie");
  });

  it("that prefers HTML can read why its credential is refused", async () => {
    const { openBrowser, lightning } = openShop({
      terms: ({ url }) => ({ price: url.endsWith("/dear") ? 50 : 10, resource: "all", uses: 1 }),
    });
    const browser = openBrowser();
    const { headers } = await browser.visit("/cheap");
    const authorization = await payChallenge(lightning.wallet, headers.get("www-authenticate") as string);
    const answer = async (path: string) => {
      const { status, headers, text } = await browser.visit(path, { authorization });
      return status === 200 ? text : [status, headers.get("content-type"), JSON.parse(text).code];
    };
    expect(await answer("/dear")).toEqual([402, "application/problem+json", "CREDENTIAL_UNDERPAID"]);
    expect(await answer("/cheap")).toBe("the goods");
    expect(await answer("/cheap")).toEqual([402, "application/problem+json", "CREDENTIAL_USED_UP"]);
  });

  it("that asks with HEAD gets no invoice and no body", async () => {
    const { openBrowser, lightning, payElsewhere } = openShop();
    const browser = openBrowser();
    expect(await browser.visit("/weather", {}, "HEAD")).toMatchObject({ status: 402, text: "" });
    expect(lightning.invoices).toHaveLength(0);
    // Nor does it take the use that a page waits for.
    payElsewhere((await browser.visit("/weather")).invoice);
    expect(await browser.visit("/weather", {}, "HEAD")).toMatchObject({ status: 402, text: "" });
    expect(lightning.calls.lookupInvoice).toBe(0);
    expect((await browser.visit("/weather")).status).toBe(200);
  });
});

describe("other answers", () => {
  it("are pages too: nothing to pay with, too many invoices, no access, only for programs", async () => {
    const { openBrowser, lightning } = openShop({
      paywall: { challengeLimiter: { take: () => ({ allowed: false, retryAfterSeconds: 9 }) } },
    });
    const tooMany = await openBrowser().visit("/weather");
    expect(tooMany).toMatchObject({ status: 429 });
    expect(tooMany.text).toContain("<h1>Too many unpaid invoices</h1>");
    expect(tooMany.headers.get("retry-after")).toBe("9");
    expect(lightning.invoices).toHaveLength(0);

    const down = openShop();
    down.lightning.always("createInvoice", "PROVIDER_UNREACHABLE");
    const unavailable = await down.openBrowser().visit("/weather");
    expect(unavailable).toMatchObject({ status: 503 });
    expect(unavailable.text).toContain("<h1>Payment is not available right now</h1>");

    const browser = openShop().openBrowser();
    const refused = await browser.visit("/weather", { authorization: "L402 junk" });
    expect(refused).toMatchObject({ status: 401 });
    expect(refused.text).toContain("<h1>This access is not valid</h1>");
    const post = await browser.visit("/weather", {}, "POST");
    expect(post).toMatchObject({ status: 402 });
    expect(post.text).toContain("Only a program that supports L402 can pay");
  });

  it("are never an exception, whatever is in the cookies", async () => {
    const browser = openShop().openBrowser();
    for (const cookie of [
      "l402_abcdef",
      "l402_abcdef=",
      "l402_abcdef=:",
      "=",
      ";;;",
      "l402_abcdef=%;l402_pending_abcdef=..",
      `l402_abcdef=${"a".repeat(9000)}`,
    ]) {
      const { status, invoice } = await browser.visit("/weather", { cookie });
      expect([status, invoice !== ""]).toEqual([402, true]);
    }
  });
});
