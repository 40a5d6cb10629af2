import { afterEach, describe, expect, it, vi } from "vitest";
import { createMemoryClientStore } from "../src/index.ts";
import { ask, openSeller } from "./seller.ts";
import { openShop, SHOP } from "./shop.ts";

afterEach(() => vi.unstubAllGlobals());

const PASS = { price: 10, uses: "unlimited", resource: "articles" } as const;
/** Ten more than a paywall makes invoices for one client a minute. */
const PATHS = Array.from({ length: 70 }, (_, i) => `/articles/${i}`);
const openArticles = () => openShop(Object.fromEntries(PATHS.map((path) => [path, { terms: PASS }])));

describe("a pass that the seller named", () => {
  it("is shown on other paths of its folder at once, so that they cost no invoice", async () => {
    const { client, lightning, requests } = openArticles();
    const buyer = client();
    for (const path of PATHS) expect(await (await buyer.fetch(SHOP + path)).text()).toBe(`goods of ${path}`);
    expect(lightning.calls.createInvoice).toBe(1);
    expect(lightning.payments).toHaveLength(1);
    expect(requests).toHaveLength(PATHS.length + 1);
  });

  it.each<[string, object, string, RequestInit?]>([
    ["in another folder", {}, "/free"],
    ["with another method", {}, "/articles/free", { method: "POST" }],
    ["if it can be used up", { uses: 5 }, "/articles/free"],
    ["if its name is that of a path", { resource: undefined }, "/articles/free"],
    ["if its name is that of an address", { resource: `${SHOP}/articles/0` }, "/articles/free"],
    ["if its name is that of a path behind a proxy", { resource: "GET /v1/0" }, "/articles/free"],
    ["if its name has a query", { resource: "GET /articles/0?all" }, "/articles/free"],
  ])("is not shown unasked %s", async (_, terms, path, init) => {
    const { client, requests } = openShop({ "/articles/0": { terms: { ...PASS, ...terms } as typeof PASS } });
    const buyer = client();
    await buyer.fetch(`${SHOP}/articles/0`);
    expect(await (await buyer.fetch(SHOP + path, init)).text()).toBe("free of charge");
    expect(requests.at(-1)?.headers.get("authorization")).toBeNull();
    expect(await buyer.purchases()).toHaveLength(1);
  });

  it("is not shown unasked before it was accepted, so that what is free makes no seller honest", async () => {
    const { client, requests } = openShop({
      "/articles/0": { terms: PASS, handler: () => new Response("", { status: 503 }) },
    });
    const buyer = client();
    expect((await buyer.fetch(`${SHOP}/articles/0`)).status).toBe(503);
    await buyer.fetch(`${SHOP}/articles/free`);
    expect(requests.at(-1)?.headers.get("authorization")).toBeNull();
  });

  it("is not shown unasked to another origin, or by a page of another origin", async () => {
    const { client, requests } = openArticles();
    const store = createMemoryClientStore();
    await client({ store }).fetch(`${SHOP}/articles/0`);
    await client({ store }).fetch("https://shop.example.evil.example/articles/free");
    expect(requests.at(-1)?.headers.get("authorization")).toBeNull();
    for (const [origin, isShown] of [
      ["https://app.example", false],
      [SHOP, true],
    ]) {
      vi.stubGlobal("location", { origin, href: `${origin}/` });
      await client({ store }).fetch(`${SHOP}/articles/free`);
      expect(requests.at(-1)?.headers.has("authorization")).toBe(isShown);
    }
  });

  it("can be read and used by another seller in its folder, but not by one in a folder of its own", async () => {
    const shop = openArticles();
    const seen: Record<string, string | null> = {};
    const buyer = shop.client({
      fetch: async (input, init) => {
        const request = new Request(input, init);
        const [, other] = /\/(articles\/bob|bob)\//.exec(request.url) ?? [];
        if (!other) return shop.fetchShop(request);
        seen[other] = request.headers.get("authorization");
        return new Response("free");
      },
    });
    await buyer.fetch(`${SHOP}/articles/0`);
    for (const other of ["articles/bob", "bob"]) await buyer.fetch(`${SHOP}/${other}/free`);
    expect(seen).toEqual({ "articles/bob": expect.stringMatching(/^L402 /), bob: null });
    const headers = { authorization: String(seen["articles/bob"]) };
    expect((await shop.fetchShop(`${SHOP}/articles/5`, { headers })).status).toBe(200);
  });

  it.each([401, 402])("survives the refusal of another paywall in its folder (%i)", async (status) => {
    const first = openArticles();
    const second = openShop(
      { "/articles/dear": { terms: { price: 20, uses: 5 } } },
      { paywall: { secret: "another secret, at least 32 bytes long, too" } },
    );
    const both: typeof fetch = async (input, init) => {
      const request = new Request(input, init);
      const isDear = request.url.endsWith("/dear");
      if (!isDear || status === 401 || !request.headers.has("authorization")) {
        return (isDear ? second : first).fetchShop(request);
      }
      const answer = await second.fetchShop(request);
      // As Aperture does: every refusal is a challenge.
      return answer.status === 401 ? second.fetchShop(request.url) : answer;
    };
    const wallet = { ...first.lightning.wallet, payInvoice: vi.fn(first.lightning.wallet.payInvoice) };
    wallet.payInvoice.mockImplementation(async (order) => {
      const result = await first.lightning.wallet.payInvoice(order);
      return result.status === "paid" ? result : second.lightning.wallet.payInvoice(order);
    });
    const buyer = first.client({ fetch: both, wallet });
    for (const path of ["/articles/0", "/articles/dear", "/articles/1", "/articles/dear", "/articles/2"]) {
      expect(await (await buyer.fetch(SHOP + path)).text()).toBe(`goods of ${path}`);
    }
    expect(wallet.payInvoice).toHaveBeenCalledTimes(2);
    expect(first.lightning.calls.createInvoice).toBe(1);
    expect(await buyer.purchases()).toMatchObject([{ resource: "articles" }, { usesLeft: 3 }]);
  });

  it("survives the 401 of an app in its folder", async () => {
    const shop = openArticles();
    const buyer = shop.client({
      fetch: async (input, init) =>
        String(input).endsWith("/login") ? new Response("who?", { status: 401 }) : shop.fetchShop(input, init),
    });
    await buyer.fetch(`${SHOP}/articles/0`);
    expect((await buyer.fetch(`${SHOP}/articles/login`)).status).toBe(401);
    expect((await buyer.fetch(`${SHOP}/articles/1`)).status).toBe(200);
    expect(shop.lightning.payments).toHaveLength(1);
  });

  it("is dropped when the seller says, of the same thing, that it is over; the newest is shown first", async () => {
    let shown: string | undefined;
    let isOver = false;
    const seller = await openSeller({
      challenge: (sale, _, response) => ask(response, sale, { uses: "unlimited", resource: "all" }),
      redeem: ({ headers }, response) => {
        shown ??= headers.authorization;
        if (!isOver || headers.authorization !== shown) return response.end("goods");
        response.writeHead(402, { "content-type": "application/json" });
        response.end(JSON.stringify({ code: "CREDENTIAL_EXPIRED", resource: "all" }));
      },
    });
    const buyer = seller.client();
    await buyer.fetch(seller.url);
    isOver = true;
    for (const path of ["/a", "/b", "/goods"]) {
      expect(await (await buyer.fetch(seller.origin + path)).text()).toBe("goods");
    }
    expect(seller.lightning.calls.payInvoice).toBe(2);
    expect(await buyer.purchases()).toHaveLength(1);
  });
});
