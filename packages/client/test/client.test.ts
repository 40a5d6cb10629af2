import { describe, expect, it } from "vitest";
import { createMemoryClientStore } from "../src/index.ts";
import { openShop, SHOP } from "./shop.ts";

describe("a fetch that pays", () => {
  it("leaves what is free alone", async () => {
    const { client, lightning } = openShop();
    const response = await client().fetch(`${SHOP}/free`);
    expect(await response.text()).toBe("free of charge");
    expect(lightning.payments).toEqual([]);
  });

  it("pays once and gets the goods", async () => {
    const { client, lightning } = openShop();
    const buyer = client();
    const response = await buyer.fetch(`${SHOP}/weather`);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("goods of /weather");
    expect(lightning.payments).toMatchObject([{ status: "paid", amountMsat: 10_000 }]);
    expect(buyer.paymentOf(response)).toMatchObject({ amountMsat: 10_000, feeMsat: 0, paidNow: true });
    expect(await buyer.spending()).toMatchObject({ totalMsat: 10_000, pendingMsat: 0 });
  });

  it("uses what it bought until it is used up", async () => {
    const { client, lightning, requests } = openShop({ "/weather": { terms: { price: 10, uses: 3 } } });
    const buyer = client();
    for (let i = 0; i < 7; i++) expect((await buyer.fetch(`${SHOP}/weather`)).status).toBe(200);
    expect(lightning.payments).toHaveLength(3);
    // Four requests for three uses: 402, paid, used, used. The client does not send a used-up token.
    expect(requests).toHaveLength(3 * 2 + 4);
  });

  it("shares one payment for a pass among 100 parallel requests", async () => {
    const { client, lightning } = openShop({ "/weather": { terms: { price: 10, uses: "unlimited" } } });
    const buyer = client();
    const responses = await Promise.all(Array.from({ length: 100 }, () => buyer.fetch(`${SHOP}/weather`)));
    expect(responses.every(({ status }) => status === 200)).toBe(true);
    expect(lightning.payments).toHaveLength(1);
  });

  it("makes exactly 10 of 100 parallel payments of 10 sats within 100 sats", async () => {
    const { client, lightning } = openShop();
    const buyer = client({ budget: { totalSats: 100 } });
    const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => buyer.fetch(`${SHOP}/weather`)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(10);
    expect(lightning.payments).toHaveLength(10);
    const reasons = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason.code] : []));
    expect(new Set(reasons)).toEqual(new Set(["BUDGET_EXCEEDED"]));
    await expect(buyer.fetch(`${SHOP}/weather`)).rejects.toMatchObject({ code: "BUDGET_EXCEEDED", fundsMoved: "no" });
  });

  it("uses a pass on every path that is sold under its name", async () => {
    const terms = { price: 10, uses: 5, resource: "everything" };
    const { client, lightning } = openShop({ "/a": { terms }, "/b": { terms } });
    const buyer = client();
    for (const path of ["/a", "/b", "/a", "/b"]) expect((await buyer.fetch(SHOP + path)).status).toBe(200);
    expect(lightning.payments).toHaveLength(1);
  });

  it("keeps what it bought for each of two paths that begin alike", async () => {
    const terms = { price: 10, uses: 3 };
    const { client, lightning } = openShop({ "/api/v1/a": { terms }, "/api/v1/b": { terms } });
    const buyer = client();
    for (let i = 0; i < 3; i++) {
      for (const path of ["/api/v1/a", "/api/v1/b"]) expect((await buyer.fetch(SHOP + path)).status).toBe(200);
    }
    expect(lightning.payments).toHaveLength(2);
  });

  it("changes nothing of what it is given", async () => {
    const { client } = openShop({ "/weather": { terms: { price: 10, uses: 2 } } });
    const headers = { "x-mine": "yes" };
    const init = Object.freeze({ method: "POST", body: "text", headers: Object.freeze(headers) });
    const request = new Request(`${SHOP}/weather`, init);
    const buyer = client();
    for (let i = 0; i < 2; i++) await buyer.fetch(`${SHOP}/weather`, init);
    await buyer.fetch(request);
    expect(request.bodyUsed).toBe(false);
    expect(request.headers.get("authorization")).toBeNull();
    expect(init).toEqual({ method: "POST", body: "text", headers: { "x-mine": "yes" } });
  });

  it("sends the same body again", async () => {
    const { client } = openShop({
      "/echo": { terms: { price: 1 }, handler: async (request) => new Response(await request.text()) },
    });
    const form = new FormData();
    form.set("name", "value");
    for (const body of ["text", new TextEncoder().encode("bytes"), new Blob(["blob"]), new URLSearchParams("a=1")]) {
      const response = await client().fetch(`${SHOP}/echo`, { method: "POST", body });
      expect(await response.text()).toBe(body instanceof Uint8Array ? "bytes" : await new Response(body).text());
    }
    const asRequest = new Request(`${SHOP}/echo`, { method: "POST", body: "in a Request" });
    expect(await (await client().fetch(asRequest)).text()).toBe("in a Request");
  });

  it("keeps a use that a failing handler gave back", async () => {
    let fails = true;
    const { client, lightning } = openShop({
      "/weather": { terms: { price: 10 }, handler: () => new Response("", { status: fails ? 500 : 200 }) },
    });
    const buyer = client();
    expect((await buyer.fetch(`${SHOP}/weather`)).status).toBe(500);
    fails = false;
    expect((await buyer.fetch(`${SHOP}/weather`)).status).toBe(200);
    expect(lightning.payments).toHaveLength(1);
  });

  it("buys what is dearer although something cheaper was bought for nothing so far", async () => {
    const hanging: (() => void)[] = [];
    let fails = true;
    const { client, lightning } = openShop({
      "/report": {
        terms: ({ url }) => ({ price: Number(new URL(url).searchParams.get("pages")) }),
        handler: async ({ url }) => {
          if (url.endsWith("=20")) await new Promise<void>((resolve) => hanging.push(resolve));
          return new Response("", { status: fails ? 503 : 200 });
        },
      },
    });
    const buyer = client();
    const read = (pages: number) => buyer.fetch(`${SHOP}/report?pages=${pages}`);
    expect((await read(10)).status).toBe(503);
    fails = false;
    const slow = read(20);
    await expect.poll(() => hanging.length).toBe(1);
    expect((await read(30)).status).toBe(200);
    expect((await read(40)).status).toBe(200);
    hanging[0]?.();
    expect((await slow).status).toBe(200);
    expect((await read(10)).status).toBe(200);
    expect(lightning.payments.map(({ amountMsat }) => amountMsat)).toEqual([10_000, 20_000, 30_000, 40_000]);
  });

  it.each([400, 404, 408, 409, 425, 429])(
    "keeps a use where a %i came from before the paywall, and nothing was counted",
    async (status) => {
      const { fetchShop, lightning, client } = openShop();
      let turnedAway = false;
      const proxied: typeof fetch = async (input, init) => {
        const request = new Request(input, init);
        if (turnedAway || !request.headers.has("authorization")) return fetchShop(request);
        turnedAway = true;
        return new Response("later", { status });
      };
      const buyer = client({ fetch: proxied });
      expect((await buyer.fetch(`${SHOP}/weather`)).status).toBe(status);
      expect(await (await buyer.fetch(`${SHOP}/weather`)).text()).toBe("goods of /weather");
      expect(lightning.calls.payInvoice).toBe(1);
    },
  );

  it.each([400, 404, 408, 409, 425, 429])("buys anew after a %i of a handler, which took the use", async (status) => {
    let answered = 0;
    const handler = () => (answered++ === 0 ? new Response("later", { status }) : new Response("goods"));
    const { lightning, client } = openShop({ "/weather": { terms: { price: 10 }, handler } });
    const buyer = client();
    expect((await buyer.fetch(`${SHOP}/weather`)).status).toBe(status);
    expect(await (await buyer.fetch(`${SHOP}/weather`)).text()).toBe("goods");
    expect(lightning.calls.payInvoice).toBe(2);
  });

  it("finds out about a payment whose answer was lost", async () => {
    const { client, lightning } = openShop();
    lightning.next("payInvoice", "unknown-settled");
    expect((await client().fetch(`${SHOP}/weather`)).status).toBe(200);
    expect(lightning.payments).toHaveLength(1);
  });

  it("does not pay again while an outcome is unknown, and takes up what arrived", async () => {
    const { client, lightning } = openShop();
    const store = createMemoryClientStore();
    const buyer = client({ store });
    lightning.next("payInvoice", "unknown-stuck");
    const first = buyer.fetch(`${SHOP}/weather`);
    await expect(first).rejects.toMatchObject({ code: "PAYMENT_OUTCOME_UNKNOWN", fundsMoved: "maybe" });
    await expect(buyer.fetch(`${SHOP}/weather`)).rejects.toMatchObject({ code: "PAYMENT_OUTCOME_UNKNOWN" });
    expect(lightning.payments).toHaveLength(1);
    expect((await buyer.spending()).pendingMsat).toBeGreaterThan(0);
    lightning.settle(lightning.payments[0]?.paymentHash as string);
    const another = client({ store });
    expect(await another.resume()).toEqual([]);
    expect((await another.fetch(`${SHOP}/weather`)).status).toBe(200);
    expect(lightning.payments).toHaveLength(1);
  });
});
