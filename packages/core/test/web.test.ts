import { describe, expect, it } from "vitest";
import { withL402 } from "../src/web.ts";
import { openShop } from "./shop.ts";

describe("withL402", () => {
  const url = "https://shop.example/weather";
  const buy = async (shop: ReturnType<typeof openShop>) => {
    const authorization = await shop.buy("/weather", { price: 10 });
    return new Request(url, { headers: { authorization } });
  };

  it("gives the handler the payment, and what the platform passes", async () => {
    const shop = openShop();
    const sold = withL402(shop.paywall, { price: 10 }, (_request: Request, payment, env: { city: string }) =>
      Response.json({ ...env, paid: payment.amountMsat }),
    );
    expect(await (await sold(await buy(shop), { city: "rome" })).json()).toEqual({ city: "rome", paid: 10_000 });
  });

  it("lets both the terms and the handler read the body", async () => {
    const shop = openShop();
    const terms = async (request: Request) => ({ price: (await request.json()).tokens });
    const sold = withL402(shop.paywall, terms, async (request: Request) => new Response(await request.text()));
    const ask = (tokens: number, headers = {}) =>
      sold(new Request(url, { method: "POST", body: JSON.stringify({ tokens }), headers }));
    const body = (await (await ask(7)).json()) as { priceSats: number; token: string; paymentHash: string };
    expect(body.priceSats).toBe(7);
    const authorization = `L402 ${body.token}:${shop.lightning.settle(body.paymentHash)}`;
    expect((await ask(8, { authorization })).status).toBe(402);
    expect(await (await ask(7, { authorization })).text()).toBe('{"tokens":7}');
  });

  it.each([10, 300_000])("does not wait for a body of %i bytes that the terms leave unread", async (length) => {
    const shop = openShop();
    const sold = withL402(
      shop.paywall,
      () => ({ price: 10 }),
      async (request: Request) => new Response(await request.text()),
    );
    const body = "a".repeat(length);
    const ask = (headers = {}) => sold(new Request(url, { method: "POST", body, headers }));
    const offer = (await (await ask()).json()) as { token: string; paymentHash: string };
    const authorization = `L402 ${offer.token}:${shop.lightning.settle(offer.paymentHash)}`;
    expect(await (await ask({ authorization })).text()).toBe(body);
  });

  it.each([
    ["a Response", new Response("moved", { status: 302 })],
    ["a redirect of Next", Object.assign(new Error("NEXT_REDIRECT"), { digest: "NEXT_REDIRECT;replace;/goods;307;" })],
  ])("keeps the use of a handler that answers by throwing %s", async (_, thrown) => {
    const shop = openShop();
    const sold = withL402(shop.paywall, { price: 10 }, () => {
      throw thrown;
    });
    await expect(sold(await buy(shop))).rejects.toBe(thrown);
    expect(shop.events.at(-1)?.type).toBe("granted");
  });

  it("gives the use back when the client has gone before the first byte", async () => {
    const shop = openShop();
    const gone = new AbortController();
    const request = new Request(await buy(shop), { signal: gone.signal });
    const sold = withL402(shop.paywall, { price: 10 }, async () => {
      gone.abort();
      return new Response("late");
    });
    await sold(request);
    expect(shop.events.at(-1)?.type).toBe("released");
  });

  it("sends on what fetch answers, whose headers cannot be changed, and keeps every cookie", async () => {
    const shop = openShop();
    const upstream = new Response("ok", {
      headers: [
        ["set-cookie", "a=1"],
        ["set-cookie", "b=2"],
        ["vary", "Origin"],
      ],
    });
    Object.defineProperty(upstream.headers, "append", { value: () => expect.unreachable() });
    const response = await withL402(shop.paywall, { price: 10 }, () => upstream)(await buy(shop));
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(response.headers.get("vary")).toBe("Origin, Authorization");
  });
});
