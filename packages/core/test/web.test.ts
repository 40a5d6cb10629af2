import { describe, expect, it } from "vitest";
import { createMemoryChallengeLimiter } from "../src/index.ts";
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

  it.each(["GET", "POST"])("gives the terms what a subclass of Request adds, as Next's does (%s)", async (method) => {
    class OwnRequest extends Request {
      // A private field, because a getter that runs on anything else would throw.
      readonly #city = new URL(this.url).searchParams.get("city") ?? "";
      get city() {
        return this.#city;
      }
      citizens() {
        return this.#city.length * 10;
      }
    }
    const shop = openShop();
    const terms = async (request: OwnRequest) => {
      expect(request).toBeInstanceOf(OwnRequest);
      expect(request.headers.get("authorization")).toBe(authorization ?? null);
      const text = await request.text();
      expect([request.city, text, request.bodyUsed]).toEqual(["rome", method === "GET" ? "" : "votes", !!text]);
      return { price: request.citizens() };
    };
    const sold = withL402(shop.paywall, terms, async (request: OwnRequest) =>
      Response.json([request.city, await request.text()]),
    );
    let authorization: string | undefined;
    const ask = () =>
      sold(
        new OwnRequest(`${url}?city=rome`, {
          method,
          headers: authorization ? { authorization } : {},
          ...(method === "POST" && { body: "votes" }),
        }),
      );
    const offer = (await (await ask()).json()) as { token: string; paymentHash: string; priceSats: number };
    expect(offer.priceSats).toBe(40);
    authorization = `L402 ${offer.token}:${shop.lightning.settle(offer.paymentHash)}`;
    expect(await (await ask()).json()).toEqual(["rome", method === "GET" ? "" : "votes"]);
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

  describe("when the client has gone", () => {
    /** Tells how the use ends when the client of a paid request leaves while the handler runs. */
    const leave = async (method: string, ending: () => Response) => {
      const shop = openShop();
      const gone = new AbortController();
      // A HEAD request brings the token of a GET.
      const asked = { method: method === "HEAD" ? "GET" : method };
      const headers = { authorization: await shop.buy("/weather", { price: 10 }, asked) };
      const sold = withL402(shop.paywall, { price: 10 }, async () => {
        gone.abort();
        return ending();
      });
      await sold(new Request(url, { method, headers, signal: gone.signal })).catch(() => {});
      return shop.events.at(-1)?.type;
    };
    const aborted = () => {
      throw new DOMException("The client has gone.", "AbortError");
    };

    it.each(["GET", "HEAD"])("gives the use of a %s back", async (method) => {
      expect(await leave(method, () => new Response("late"))).toBe("released");
      expect(await leave(method, aborted)).toBe("released");
    });

    it.each(["POST", "PUT", "PATCH", "DELETE"])("keeps the use of a %s, however its handler ends", async (method) => {
      expect(await leave(method, () => new Response("late"))).toBe("granted");
      expect(await leave(method, () => new Response("sorry", { status: 500 }))).toBe("granted");
      expect(await leave(method, aborted)).toBe("granted");
    });

    it("runs no handler that has not begun, and gives the use back", async () => {
      const shop = openShop();
      const request = new Request(await buy(shop), { signal: AbortSignal.abort() });
      const sold = withL402(shop.paywall, { price: 10 }, () => expect.unreachable());
      await sold(request);
      expect(shop.events.at(-1)?.type).toBe("released");
    });
  });

  describe("keeps the use of a WebSocket,", () => {
    // No Response of Node can have this status. Those of Deno and Workers cannot be copied.
    const upgraded = Object.defineProperty(new Response(null), "status", { value: 101 });

    it("and passes its response on as it is", async () => {
      const shop = openShop();
      const sold = withL402(shop.paywall, { price: 10 }, () => upgraded);
      expect(await sold(await buy(shop))).toBe(upgraded);
      expect(shop.events.at(-1)?.type).toBe("granted");
    });

    it("of which Deno's signal says that the client has left", async () => {
      const shop = openShop();
      const gone = new AbortController();
      const sold = withL402(shop.paywall, { price: 10 }, () => {
        gone.abort();
        return upgraded;
      });
      const request = new Request(await buy(shop), { signal: gone.signal });
      request.headers.set("upgrade", "websocket");
      expect(await sold(request)).toBe(upgraded);
      expect(shop.events.at(-1)?.type).toBe("granted");
    });

    it("where Bun's handler answers nothing", async () => {
      const shop = openShop();
      const sold = withL402(shop.paywall, { price: 10 }, () => undefined as unknown as Response);
      const request = await buy(shop);
      request.headers.set("upgrade", "websocket");
      expect(await sold(request)).toBeUndefined();
      expect(shop.events.at(-1)?.type).toBe("granted");
    });
  });

  it("limits each client alone where the paywall is told which header tells them apart", async () => {
    const challengeLimiter = createMemoryChallengeLimiter({ perClientPerMinute: 1 });
    const shop = openShop({ challengeLimiter, clientKey: (request) => request.header("x-real-ip") });
    const sold = withL402(shop.paywall, { price: 10 }, () => expect.unreachable());
    const ask = async (ip: string) => (await sold(new Request(url, { headers: { "x-real-ip": ip } }))).status;
    expect([await ask("192.0.2.1"), await ask("192.0.2.1"), await ask("192.0.2.2")]).toEqual([402, 429, 402]);
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
