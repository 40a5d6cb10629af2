import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { createMemoryClientStore } from "../src/index.ts";
import { startHttpServer } from "./http-server.ts";
import { openSeller } from "./seller.ts";

/** A seller that redirects each request with a credential, and a second server that records its requests. */
async function openRedirect(status: number, where: (there: string) => string) {
  const there = await startHttpServer((_, response) => void response.end("from elsewhere"));
  const seller = await openSeller({
    redeem: (_, response) => response.writeHead(status, { location: where(there.origin) }).end(),
  });
  return { there, seller };
}

const elsewhere = (there: string) => `${there}/landing`;

describe("a redirect to another origin", () => {
  it.each([301, 302, 303, 307, 308])("with %i gets no credential", async (status) => {
    const { seller, there } = await openRedirect(status, elsewhere);
    const response = await seller.client().fetch(seller.url);
    expect(await response.text()).toBe("from elsewhere");
    expect(response.url).toBe(`${there.origin}/landing`);
    expect(response.redirected).toBe(true);
    expect(there.seen).toHaveLength(1);
    expect(there.seen[0]?.headers.authorization).toBeUndefined();
    expect(JSON.stringify(there.seen[0]?.headers)).not.toContain("L402");
  });

  it("gets no credential from a fetch that would hand everything on", async () => {
    const { seller, there } = await openRedirect(307, elsewhere);
    // Follows redirects, but keeps every header.
    const careless: typeof fetch = async (input, init) => {
      const response = await fetch(input, { ...init, redirect: "manual" });
      const location = response.headers.get("location");
      if (!location || init?.redirect === "manual") return response;
      return fetch(location, init);
    };
    await seller.client({ fetch: careless }).fetch(seller.url);
    expect(there.seen[0]?.headers.authorization).toBeUndefined();
  });

  it("gets no secret of the caller's, and a body only where fetch would send it", async () => {
    for (const [status, method, body] of [
      [307, "POST", "the body"],
      [303, "GET", ""],
      [302, "GET", ""],
    ] as const) {
      const { seller, there } = await openRedirect(status, elsewhere);
      const headers = { cookie: "a=b", "proxy-authorization": "Basic mine", "x-mine": "yes" };
      const init = { method: "POST", body: "the body", headers };
      await seller.client().fetch(seller.url, init);
      const [got] = there.seen;
      expect(got).toMatchObject({ method, path: "/landing" });
      expect(got?.body.toString()).toBe(body);
      expect(got?.headers["content-type"]).toBe(body ? "text/plain;charset=UTF-8" : undefined);
      expect(got?.headers.cookie ?? got?.headers["proxy-authorization"]).toBeUndefined();
      expect(got?.headers["x-mine"]).toBe("yes");
    }
  });

  it("from another port or scheme is one to another origin", async () => {
    const { seller } = await openRedirect(302, () => "https://127.0.0.1:1/goods");
    await expect(seller.client().fetch(seller.url)).rejects.toMatchObject({
      code: "PAYMENT_REJECTED",
      fundsMoved: "yes",
    });
  });

  it("leads to no payment: another origin's 402 is not paid", async () => {
    const expensive = await openSeller();
    const seller = await startHttpServer(
      (_, response) => void response.writeHead(302, { location: expensive.url }).end(),
    );
    const buyer = expensive.client();
    const error = await buyer.fetch(`${seller.origin}/cheap`).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "INSECURE_ORIGIN", fundsMoved: "no" });
    expect(error.message).toBe(`${seller.origin} redirects to ${expensive.origin}, which asks for a payment.`);
    await expect(buyer.quote(`${seller.origin}/cheap`)).rejects.toMatchObject({ code: "INSECURE_ORIGIN" });
    expect(expensive.lightning.calls.payInvoice).toBe(0);
  });

  it("after a payment leads to no second payment, and does not cost the credential", async () => {
    const expensive = await openSeller();
    let redirects = true;
    const seller = await openSeller({
      redeem: (_, response) =>
        redirects ? response.writeHead(302, { location: expensive.url }).end() : response.end("goods"),
    });
    const buyer = seller.client();
    // The 402 of the other origin is the answer to the request, and is not paid.
    expect((await buyer.fetch(seller.url)).status).toBe(402);
    redirects = false;
    expect(await (await buyer.fetch(seller.url)).text()).toBe("goods");
    expect(seller.lightning.payments).toHaveLength(1);
    expect(expensive.lightning.payments).toHaveLength(0);
  });
});

describe("a redirect within the origin", () => {
  it("takes the credential along", async () => {
    const seller = await openSeller({
      redeem: ({ path, headers }, response) =>
        path === "/goods" ? response.writeHead(302, { location: "/new" }).end() : response.end(headers.authorization),
    });
    const response = await seller.client().fetch(seller.url);
    expect(await response.text()).toMatch(/^L402 .+:[0-9a-f]{64}$/);
    expect(response.url).toBe(`${seller.origin}/new`);
  });

  it("is paid for where it asks for payment", async () => {
    const seller = await openSeller({
      challenge: async ({ bolt11, token }, { path }, response) => {
        if (path === "/goods") return response.writeHead(307, { location: "/new" }).end();
        response.writeHead(402, { "www-authenticate": `L402 macaroon="${token}", invoice="${bolt11}"` }).end();
      },
    });
    expect((await seller.client().fetch(seller.url)).status).toBe(200);
    expect(seller.lightning.payments).toHaveLength(1);
  });

  it("to what is not HTTP is not followed: a fetch may read a file", async () => {
    for (const location of ["data:text/plain,local", "file:///etc/hostname", "blob:nodedata:1", "about:blank"]) {
      const habits = (_: unknown, response: ServerResponse) => response.writeHead(307, { location }).end();
      const paid = await openSeller({ redeem: habits });
      await expect(paid.client().fetch(paid.url)).rejects.toMatchObject({
        code: "PAYMENT_REJECTED",
        fundsMoved: "yes",
      });
      const free = await openSeller({ challenge: (_, ...rest) => habits(...rest) });
      const spied: unknown[] = [];
      const spy: typeof fetch = (input, init) => {
        spied.push(input);
        return fetch(input, init);
      };
      await expect(free.client({ fetch: spy }).fetch(free.url)).rejects.toThrow(TypeError);
      expect(spied).toEqual([free.url]);
    }
  });

  it("that cannot be followed is a failure of the network, as fetch reports it", async () => {
    for (const location of ["http://[", "file:///etc/hostname", "http://user:word@shop.example/", "/goods"]) {
      const seller = await openSeller({ challenge: (_, __, response) => response.writeHead(302, { location }).end() });
      const error = await seller
        .client()
        .fetch(seller.url)
        .catch((thrown) => thrown);
      expect(error).toMatchObject({ name: "TypeError", cause: { code: "BAD_REDIRECT" } });
    }
  });

  it("does not go round in circles for ever", async () => {
    const looping = await openSeller({
      challenge: (_, __, response) => response.writeHead(302, { location: "/goods" }).end(),
    });
    await expect(looping.client().fetch(looping.url)).rejects.toThrow(TypeError);
    const paid = await openSeller({ redeem: (_, response) => response.writeHead(302, { location: "/goods" }).end() });
    const error = await paid
      .client()
      .fetch(paid.url)
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "PAYMENT_REJECTED", fundsMoved: "yes" });
    expect(paid.seen).toHaveLength(22);
    expect(paid.lightning.payments).toHaveLength(1);
  });

  it("is left to the caller who said so", async () => {
    const seller = await openSeller({ redeem: (_, response) => response.writeHead(302, { location: "/new" }).end() });
    const response = await seller.client().fetch(seller.url, { redirect: "manual" });
    expect(response.status).toBe(302);
    await expect(seller.client().fetch(seller.url, { redirect: "error" })).rejects.toMatchObject({
      code: "PAYMENT_REJECTED",
    });
  });
});

describe("a credential", () => {
  it("is shown to the exact origin that sold it, and to no other", async () => {
    const store = createMemoryClientStore();
    const seller = await openSeller();
    const buyer = seller.client({ store, insecureOrigins: ["http://shop.example"] });
    await buyer.fetch(seller.url);
    const seen: (string | null)[] = [];
    const spy: typeof fetch = async (input, init) => {
      seen.push(new Request(input, init).headers.get("authorization"));
      return new Response("free");
    };
    const other = seller.client({ store, fetch: spy });
    const { port } = new URL(seller.origin);
    await other.fetch(`http://127.0.0.1:${Number(port) - 1}/goods`);
    await other.fetch(`http://localhost:${port}/goods`);
    await other.fetch(`https://127.0.0.1:${port}/goods`);
    await other.fetch(`http://127.0.0.1:${port}/other`);
    await other.fetch(`http://127.0.0.1:${port}/goods/`);
    await other.fetch(`http://127.0.0.1:${port}/goods`, { method: "POST" });
    await other.fetch(`http://127.0.0.1:${port}/goods`, { method: "HEAD" });
    expect(seen).toEqual(Array(7).fill(null));
    await other.fetch(`http://127.0.0.1:${port}/goods?query`);
    expect(seen.at(-1)).toMatch(/^L402 /);
  });

  it("never replaces one that the caller brought", async () => {
    const seller = await openSeller();
    const buyer = seller.client();
    await buyer.fetch(seller.url);
    const response = await buyer.fetch(seller.url, { headers: { authorization: "Bearer mine" } });
    expect(response.status).toBe(402);
    expect(seller.seen.at(-1)?.headers.authorization).toBe("Bearer mine");
    expect((await buyer.fetch(new Request(seller.url, { headers: { authorization: "Bearer mine" } }))).status).toBe(
      402,
    );
    for (const headers of [
      new Headers({ authorization: "Bearer mine" }).entries(),
      [["Authorization", "Bearer mine"]],
    ]) {
      expect((await buyer.fetch(seller.url, { headers: headers as HeadersInit })).status).toBe(402);
      expect(seller.seen.at(-1)?.headers.authorization).toBe("Bearer mine");
    }
    expect(seller.lightning.payments).toHaveLength(1);
  });

  it("is not shown over plain HTTP, even if it was bought when that was allowed", async () => {
    const store = createMemoryClientStore();
    const seller = await openSeller();
    const seen: (string | null)[] = [];
    const relay: typeof fetch = async (input, init) => {
      const request = new Request(input, init);
      seen.push(request.headers.get("authorization"));
      const response = await fetch(seller.url, { headers: request.headers });
      return new Response(response.body, response);
    };
    const allowed = seller.client({ store, fetch: relay, insecureOrigins: ["http://shop.example"] });
    expect((await allowed.fetch("http://shop.example/goods")).status).toBe(200);
    await expect(seller.client({ store, fetch: relay }).fetch("http://shop.example/goods")).rejects.toMatchObject({
      code: "INSECURE_ORIGIN",
    });
    expect(seen.at(-1)).toBeNull();
  });

  it("that is refused later is dropped, and one new payment follows", async () => {
    for (const status of [401, 402]) {
      let isOver = false;
      const seller = await openSeller({ redeem: (_, response) => response.writeHead(isOver ? status : 200).end() });
      const buyer = seller.client();
      expect((await buyer.fetch(seller.url)).status).toBe(200);
      expect((await buyer.fetch(seller.url)).status).toBe(200);
      isOver = true;
      await expect(buyer.fetch(seller.url)).rejects.toMatchObject({ code: "PAYMENT_REJECTED", fundsMoved: "yes" });
      expect(seller.lightning.payments).toHaveLength(2);
    }
  });

  it("is kept where a 401 is about another scheme", async () => {
    const seller = await openSeller({
      redeem: (_, response) => response.writeHead(401, { "www-authenticate": 'Basic realm="app"' }).end("log in"),
    });
    const buyer = seller.client();
    const response = await buyer.fetch(seller.url);
    expect(response.status).toBe(401);
    expect(await response.text()).toBe("log in");
    await buyer.fetch(seller.url);
    expect(seller.lightning.payments).toHaveLength(1);
  });
});
