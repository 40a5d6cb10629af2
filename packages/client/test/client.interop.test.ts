import { macaroonFormat } from "@l402/core";
import { describe, expect, it } from "vitest";
import { createMemoryClientStore } from "../src/index.ts";
import type { Sale, SellerHabits } from "./seller.ts";
import { openSeller } from "./seller.ts";
import { openShop, SHOP } from "./shop.ts";

/** A seller that writes its challenge in a given way. Returns what the buyer sent back. */
async function buyFrom(headers: (sale: Sale) => Record<string, string | string[]>, body?: (sale: Sale) => unknown) {
  let sold: Sale | undefined;
  const challenge: SellerHabits["challenge"] = (sale, _, response) => {
    sold = sale;
    const isJson = body && { "content-type": "application/json" };
    response.writeHead(402, { ...isJson, ...headers(sale) });
    response.end(body && JSON.stringify(body(sale)));
  };
  const seller = await openSeller({ challenge });
  const response = await seller.client().fetch(seller.url);
  expect(response.status).toBe(200);
  const sent = seller.seen[1]?.headers.authorization;
  const [payment] = seller.lightning.payments;
  const preimage = seller.lightning.settle(payment?.paymentHash as string);
  return { sent, expected: `L402 ${sold?.token}:${preimage}`, seller };
}

const withHeader = (write: (sale: Sale) => string | string[]) => (sale: Sale) => ({ "www-authenticate": write(sale) });

describe("a challenge is understood as", () => {
  it.each<[string, (sale: Sale) => string | string[]]>([
    [
      "Aperture sends it: two lines",
      ({ token, bolt11 }) => [
        `LSAT macaroon="${token}", invoice="${bolt11}"`,
        `L402 macaroon="${token}", invoice="${bolt11}"`,
      ],
    ],
    [
      "a proxy folds it: one line",
      ({ token, bolt11 }) =>
        `LSAT macaroon="${token}", invoice="${bolt11}", L402 macaroon="${token}", invoice="${bolt11}"`,
    ],
    ["the specification writes it", ({ token, bolt11 }) => `L402 version="0", token="${token}", invoice="${bolt11}"`],
    [
      "with both names of the token",
      ({ token, bolt11 }) => `L402 version="0", token="${token}", macaroon="${token}", invoice="${bolt11}"`,
    ],
    ["in any order", ({ token, bolt11 }) => `L402 invoice="${bolt11}", extra="x=y, z", macaroon="${token}"`],
    ["without spaces, or with many", ({ token, bolt11 }) => `l402   macaroon="${token}",invoice="${bolt11}"  ,  a=b`],
    ["with a tab", ({ token, bolt11 }) => `L402\tmacaroon="${token}", invoice="${bolt11}"`],
    ["with a comma behind the scheme", ({ token, bolt11 }) => `L402, macaroon="${token}", invoice="${bolt11}"`],
    ["without quotes", ({ token, bolt11 }) => `L402 macaroon=${token}, invoice=${bolt11}`],
    [
      "among other schemes",
      ({ token, bolt11 }) =>
        `Bearer realm="api", Payment id="x", method="lightning", request="eyJ9", L402 macaroon="${token}", invoice="${bolt11}", Basic realm="L402 macaroon=\\"no\\""`,
    ],
    [
      "behind other schemes, in lines of their own",
      ({ token, bolt11 }) => [
        'Payment id="x", intent="charge"',
        "x402",
        `L402 macaroon="${token}", invoice="${bolt11}"`,
      ],
    ],
    [
      "in upper case, as a QR code has it",
      ({ token, bolt11 }) => `L402 macaroon="${token}", invoice="${bolt11.toUpperCase()}"`,
    ],
  ])("%s", async (_, write) => {
    const { sent, expected } = await buyFrom(withHeader(write));
    expect(sent).toBe(expected);
  });

  it.each<[string, (sale: Sale) => unknown]>([
    ["with a macaroon", ({ token, bolt11 }) => ({ macaroon: token, invoice: bolt11, priceSats: 1 })],
    ["with a token", ({ token, bolt11 }) => ({ token, invoice: bolt11 })],
    ["with a payment request", ({ token, bolt11 }) => ({ macaroon: token, paymentRequest: bolt11 })],
    ["with a payment_request", ({ token, bolt11 }) => ({ macaroon: token, payment_request: bolt11 })],
  ])("older servers write it into the body alone, %s", async (_, body) => {
    const { sent, expected } = await buyFrom(() => ({}), body);
    expect(sent).toBe(expected);
  });

  it("old servers write it, and they get the old name back, from a later program too", async () => {
    const seller = await openSeller({
      challenge: ({ token, bolt11 }, _, response) =>
        response.writeHead(402, { "www-authenticate": `LSAT macaroon="${token}", invoice="${bolt11}"` }).end(),
    });
    const store = createMemoryClientStore();
    const fetch: typeof globalThis.fetch = (url, init) => {
      // Such a server looks for "LSAT" alone, and asks for money otherwise.
      const shown = new Headers(init?.headers).get("authorization");
      if (shown && !/^LSAT [^ :]+:[0-9a-f]{64}$/.test(shown)) return globalThis.fetch(url);
      return globalThis.fetch(url, { headers: shown ? { authorization: shown.replace("LSAT", "L402") } : {} });
    };
    for (let i = 0; i < 3; i++) {
      expect((await seller.client({ fetch, store }).fetch(seller.url)).status).toBe(200);
    }
    expect(seller.lightning.calls.payInvoice).toBe(1);
  });

  it("the header has it where header and body differ", async () => {
    const { sent, expected } = await buyFrom(
      withHeader(({ token, bolt11 }) => `L402 macaroon="${token}", invoice="${bolt11}"`),
      () => ({ macaroon: "other", invoice: "lnbcrt1other" }),
    );
    expect(sent).toBe(expected);
  });

  it("a body that is checked as hard: too dear, or no invoice", async () => {
    for (const [sats, invoice, code] of [
      [5000, undefined, "BUDGET_EXCEEDED"],
      [10, "lnbcrt1x", "INVOICE_MALFORMED"],
    ] as const) {
      const seller = await openSeller({
        sats,
        challenge: ({ token, bolt11 }, _, response) => {
          response.writeHead(402, { "content-type": "application/json" });
          response.end(JSON.stringify({ macaroon: token, invoice: invoice ?? bolt11, priceSats: 1 }));
        },
      });
      await expect(seller.client().fetch(seller.url)).rejects.toMatchObject({ code, fundsMoved: "no" });
      expect(seller.lightning.calls.payInvoice).toBe(0);
    }
  });
});

describe("a token goes back exactly as it came:", () => {
  it.each([
    ["base64 with padding", "AgEEbHNhdAJCAAAwpHpumws6ufQoDwiTLNc+/w=="],
    ["base64url", "AgEEbHNhdAJCAAAwpHpumws6ufQoDwiTLNc-_w"],
    ["base64 without padding", "AgEEbHNhdAJCAAAwpHpumws6ufQoDwiTLNc+/w"],
    ["the specification's own example, which is no macaroon", "AGIAJEemVQUTEyNCR0exk7ek90Cg=="],
    ["what is no base64 at all", "eyJ.a~b!c*d'e(f)g%20h"],
    ["several tokens", "AgEEbHNhdA==,AgEEbHNhdB=="],
  ])("%s", async (_, token) => {
    const { sent } = await buyFrom(withHeader(({ bolt11 }) => `L402 macaroon="${token}", invoice="${bolt11}"`));
    expect(sent?.startsWith(`L402 ${token}:`)).toBe(true);
  });
});

describe("a token that names another payment than the invoice's", () => {
  it("is not paid for: it would open nothing (signed JSON and macaroons)", async () => {
    for (const format of [undefined, "macaroon"]) {
      const shop = openShop(undefined, { paywall: format ? { tokenFormat: macaroonFormat() } : {} });
      const challenges: Response[] = [];
      for (let i = 0; i < 2; i++) challenges.push(await shop.fetchShop(`${SHOP}/weather`));
      const [one, two] = challenges.map((each) =>
        /macaroon="(.*?)", invoice="(.*?)"/.exec(each.headers.get("www-authenticate") ?? ""),
      );
      const mixed = async () =>
        new Response("", {
          status: 402,
          headers: { "www-authenticate": `L402 macaroon="${one?.[1]}", invoice="${two?.[2]}"` },
        });
      const error = await shop
        .client({ fetch: mixed })
        .fetch(`${SHOP}/weather`)
        .catch((thrown) => thrown);
      expect(error, format).toMatchObject({ code: "INVOICE_MISMATCH", fundsMoved: "no" });
      expect(shop.lightning.calls.payInvoice).toBe(0);
    }
  });

  it("is passed over where another offer is sound", async () => {
    const shop = openShop();
    const [one, two] = await Promise.all(
      [1, 2].map(async () =>
        /macaroon="(.*?)", invoice="(.*?)"/.exec(
          (await shop.fetchShop(`${SHOP}/weather`)).headers.get("www-authenticate") ?? "",
        ),
      ),
    );
    const both: typeof fetch = async (input, init) => {
      const request = new Request(input, init);
      if (request.headers.has("authorization")) return shop.fetchShop(request);
      const challenge = `L402 macaroon="${one?.[1]}", invoice="${two?.[2]}", L402 macaroon="${two?.[1]}", invoice="${two?.[2]}"`;
      return new Response("", { status: 402, headers: { "www-authenticate": challenge } });
    };
    expect((await shop.client({ fetch: both }).fetch(`${SHOP}/weather`)).status).toBe(200);
  });
});

describe("of several offers", () => {
  it("the cheapest sound one is taken", async () => {
    const seller = await openSeller({
      challenge: async (_, __, response) => {
        const offers = [];
        // The one for 10 sats expires before it could be paid.
        for (const sats of [300, 20, 100, 10]) {
          const { bolt11 } = await seller.lightning.provider.createInvoice({
            amountMsat: sats * 1000,
            description: "",
            expiresInSeconds: sats === 10 ? 4 : 600,
          });
          offers.push(`L402 macaroon="for${sats}", invoice="${bolt11}"`);
        }
        response
          .writeHead(402, { "www-authenticate": ['L402 macaroon="junk", invoice="lnbcrt1junk"', ...offers] })
          .end();
      },
    });
    await seller.client().fetch(seller.url);
    expect(seller.lightning.payments).toMatchObject([{ amountMsat: 20_000 }]);
    expect(seller.seen[1]?.headers.authorization).toMatch(/^L402 for20:/);
  });
});
