import type { ServerResponse } from "node:http";
import { macaroonFormat } from "@l402/core";
import { describe, expect, it } from "vitest";
import type { Seen } from "./http-server.ts";
import { ask, openSeller } from "./seller.ts";
import { openShop, SHOP } from "./shop.ts";

const REJECTED = { code: "PAYMENT_REJECTED", fundsMoved: "yes" };
type Answer = (request: Seen, response: ServerResponse) => unknown;
const serve: Answer = (_, response) => response.end("goods");
const refuse =
  (code: string, headers = {}, say = () => ({})): Answer =>
  (_, response) => {
    response.writeHead(402, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify({ code, ...say() }));
  };
const JSON_TYPE = { "content-type": "application/json" };
const wait = refuse("CREDENTIAL_NOT_SETTLED", { "retry-after": "0" });

/** A seller of passes without a number of uses, whose answer to a credential the test changes. */
async function openPassSeller(first: Answer, said: { resource?: string; validForSeconds?: number } = {}) {
  const shown: (string | undefined)[] = [];
  let answer = first;
  const seller = await openSeller({
    challenge: (sale, _, response) => ask(response, sale, { uses: "unlimited", ...said }),
    redeem: (request, response) => {
      shown.push(request.headers.authorization);
      return answer(request, response);
    },
  });
  return {
    ...seller,
    shown,
    paid: () => seller.lightning.calls.payInvoice,
    answers: (next: Answer) => {
      answer = next;
    },
  };
}

describe("a refused credential", () => {
  it("is kept, and nothing is paid, while the seller says that it has not noticed the payment", async () => {
    const seller = await openPassSeller(serve);
    const buyer = seller.client();
    expect(await (await buyer.fetch(seller.url)).text()).toBe("goods");
    seller.answers(wait);
    await expect(buyer.fetch(seller.url)).rejects.toMatchObject(REJECTED);
    seller.answers(serve);
    expect(await (await buyer.fetch(seller.url)).text()).toBe("goods");
    expect(seller.paid()).toBe(1);
  });

  it.each([
    [0, 2],
    [11, 1],
    [-60, 1],
  ])(
    "is shown again %i seconds later by the seller's clock, if that is soon: %i times in all",
    async (seconds, times) => {
      const dates = { date: new Date(0).toUTCString(), "retry-after": new Date(seconds * 1000).toUTCString() };
      const seller = await openPassSeller((request, response) => {
        seller.answers(serve);
        return refuse("CREDENTIAL_NOT_SETTLED", dates)(request, response);
      });
      const fetched = seller.client().fetch(seller.url);
      const { status } = await fetched.catch(({ code }) => ({ status: code }));
      expect(status).toBe(times === 2 ? 200 : "PAYMENT_REJECTED");
      expect(seller.shown).toHaveLength(times);
    },
  );

  it("that the seller noticed too late is no sign that it cheats: it may still ask for more", async () => {
    const seller = await openPassSeller(wait);
    const buyer = seller.client();
    await expect(buyer.fetch(seller.url)).rejects.toMatchObject(REJECTED);
    const [first] = seller.shown;
    seller.answers((request, response) =>
      request.headers.authorization === first
        ? refuse("CREDENTIAL_UNDERPAID")(request, response)
        : serve(request, response),
    );
    expect(await (await buyer.fetch(seller.url)).text()).toBe("goods");
    expect(seller.paid()).toBe(2);
  });

  it("is sent no more, once the seller has served it and then refuses it", async () => {
    const seller = await openPassSeller(serve);
    const buyer = seller.client();
    await buyer.fetch(seller.url);
    const [first] = seller.shown;
    seller.answers((request, response) =>
      request.headers.authorization === first
        ? refuse("CREDENTIAL_EXPIRED")(request, response)
        : serve(request, response),
    );
    for (let i = 0; i < 3; i++) expect(await (await buyer.fetch(seller.url)).text()).toBe("goods");
    expect(seller.shown.filter((credential) => credential === first)).toHaveLength(2);
    expect(seller.paid()).toBe(2);
  });

  it("is kept when the reason of the seller does not arrive whole", async () => {
    const controller = new AbortController();
    const reason = new Error("The person left.");
    const head = { "content-type": "application/json", "content-length": "1000" };
    const broken: [string, Answer, AbortSignal?][] = [
      ["cut", (_, response) => response.writeHead(402, head).write("{", () => response.destroy())],
      ["junk", (_, response) => response.writeHead(402, { "content-type": "application/json" }).end("{")],
      [
        "aborted",
        (_, response) => response.writeHead(402, head).write("{", () => controller.abort(reason)),
        controller.signal,
      ],
    ];
    for (const [name, answer, signal] of broken) {
      const seller = await openPassSeller(serve);
      const buyer = seller.client();
      await buyer.fetch(seller.url);
      seller.answers((request, response) =>
        seller.shown.length === 2 ? answer(request, response) : serve(request, response),
      );
      const outcome = await buyer.fetch(seller.url, signal && { signal }).catch((thrown) => thrown);
      if (signal) expect(outcome, name).toBe(reason);
      expect(await buyer.purchases(), name).toHaveLength(signal ? 1 : 2);
      expect(await (await buyer.fetch(seller.url)).text(), name).toBe("goods");
      expect(seller.shown.at(-1), name).toBe(seller.shown[0]);
    }
  });

  it("lives no longer than a date can say", async () => {
    const lastSecond = 8.64e12;
    for (const [validForSeconds, expiresAt] of [
      [Number.MAX_SAFE_INTEGER, 0],
      [1, lastSecond],
    ]) {
      const seller = await openSeller({
        challenge: async ({ bolt11, token }, _, response) => {
          const now = Math.floor(seller.clock().getTime() / 1000);
          const order = { amountMsat: 10_000, description: "", expiresInSeconds: Number(expiresAt) - now };
          const invoice = expiresAt ? await seller.lightning.provider.createInvoice(order) : { bolt11 };
          ask(response, { bolt11: invoice.bolt11, token }, { uses: 5, validForSeconds });
        },
      });
      const buyer = seller.client();
      await buyer.fetch(seller.url);
      const [purchase] = await buyer.purchases();
      expect(purchase?.validUntil?.toISOString()).toBe("+275760-09-13T00:00:00.000Z");
    }
  });

  it.each([
    ["a body that breaks off", (_: Seen, response: ServerResponse) => response.writeHead(402, JSON_TYPE).end("{")],
    ["CREDENTIAL_UNDERPAID", refuse("CREDENTIAL_UNDERPAID")],
    ["CREDENTIAL_WRONG_RESOURCE", refuse("CREDENTIAL_WRONG_RESOURCE")],
    ["a name of its own each time", refuse("CREDENTIAL_WRONG_RESOURCE", {}, () => ({ resource: `${Math.random()}` }))],
  ] as [string, Answer][])("for %s leads to the one that is owed, before more is paid", async (_, answer) => {
    const served = new Set<string | undefined>();
    const seller = await openPassSeller(
      (request, response) => {
        const { authorization } = request.headers;
        if (served.size === 2 || served.has(authorization)) return answer(request, response);
        served.add(authorization);
        return serve(request, response);
      },
      { resource: "goods" },
    );
    const buyer = seller.client();
    for (let i = 0; i < 12; i++) await buyer.fetch(seller.url).catch(() => {});
    expect(served.size).toBe(2);
    expect(seller.paid()).toBe(3);
  });

  it("for a higher price leads to the one that was bought for that price, before more is paid", async () => {
    const priceOf = ({ url }: Request) => ({ price: url.includes("large") ? 100 : 10, uses: 5 });
    const { client, lightning } = openShop({ "/images": { terms: priceOf } });
    const buyer = client();
    const buy = async (size: string) => (await buyer.fetch(`${SHOP}/images?${size}`)).text();
    for (let i = 0; i < 6; i++) await buy("small");
    for (let i = 0; i < 5; i++) expect(await buy("large")).toBe("goods of /images");
    expect(lightning.payments.map(({ amountMsat }) => amountMsat)).toEqual([10_000, 10_000, 100_000]);
  });

  it.each([3, 9])("as used up leads to the last of %i that are owned, before more is paid", async (count) => {
    const seller = await openPassSeller(serve);
    const buyer = seller.client();
    const owned = new Set<string | undefined>();
    const sellsAnother: Answer = (request, response) => {
      const { authorization } = request.headers;
      const answer = owned.has(authorization) ? refuse("CREDENTIAL_UNDERPAID") : serve;
      owned.add(authorization);
      return answer(request, response);
    };
    seller.answers(sellsAnother);
    for (let i = 0; i < count; i++) await buyer.fetch(seller.url);
    const last = [...owned].at(-1);
    seller.answers((request, response) =>
      (request.headers.authorization === last ? serve : refuse("CREDENTIAL_USED_UP"))(request, response),
    );
    expect(await (await buyer.fetch(seller.url)).text()).toBe("goods");
    expect(seller.shown.at(-1)).toBe(last);
    expect(seller.paid()).toBe(count);
    expect(await buyer.purchases()).toHaveLength(1);
  });

  it("leads to one whose offer was cut off, before more is paid", async () => {
    const { client, fetchShop, lightning, requests } = openShop(
      { "/goods": { terms: { price: 10, uses: 2, resource: "goods" } } },
      { paywall: { tokenFormat: macaroonFormat() } },
    );
    let offers = 0;
    const cutsSecondOffer: typeof fetch = async (input, init) => {
      const answer = await fetchShop(input, init);
      if (answer.status !== 402 || ++offers !== 2) return answer;
      return new Response((await answer.text()).slice(0, -9), answer);
    };
    const buyer = client({ fetch: cutsSecondOffer });
    const buy = async () => (await buyer.fetch(`${SHOP}/goods`)).text();
    await Promise.all([buy(), buy()]);
    const first = requests.find(({ headers }) => headers.has("authorization")) as Request;
    expect((await fetchShop(first)).status).toBe(200);
    expect(await buy()).toBe("goods of /goods");
    expect(lightning.payments).toHaveLength(2);
  });

  it("whose only use was lost on the way leads to another that is owned", async () => {
    const answers: Answer[] = [
      (_, response) => response.destroy(),
      refuse("CREDENTIAL_UNDERPAID"),
      (_, response) => response.writeHead(404).end(),
      refuse("CREDENTIAL_USED_UP"),
      serve,
    ];
    const shown: (string | undefined)[] = [];
    const seller = await openSeller({
      challenge: (sale, _, response) => ask(response, sale, { uses: 1 }),
      redeem: (request, response) => {
        shown.push(request.headers.authorization);
        return answers.shift()?.(request, response);
      },
    });
    const buyer = seller.client();
    await expect(buyer.fetch(seller.url)).rejects.toMatchObject(REJECTED);
    expect((await buyer.fetch(seller.url)).status).toBe(404);
    expect(await (await buyer.fetch(seller.url)).text()).toBe("goods");
    const [lost, owned] = [shown[0], shown[2]];
    expect(shown).toEqual([lost, lost, owned, lost, owned]);
    expect(seller.lightning.calls.payInvoice).toBe(2);
  });

  it("of many for different queries is shown alone, and the right one after it: no invoice for each", async () => {
    const termsOf = ({ url }: Request) => ({
      price: 10,
      uses: "unlimited" as const,
      resource: url.split("?")[1] ?? "",
    });
    const { client, lightning, requests } = openShop({ "/report": { terms: termsOf } });
    const buyer = client();
    for (const round of [1, 2]) {
      for (let i = 0; i < 15; i++) {
        requests.length = 0;
        expect(await (await buyer.fetch(`${SHOP}/report?${i}`)).text()).toBe("goods of /report");
        expect(requests.length, `${i} in round ${round}`).toBeLessThanOrEqual(2);
      }
    }
    expect(lightning.payments).toHaveLength(15);
    expect(lightning.calls.createInvoice).toBe(29);
  });

  it("that was bought on another path leaves this one for sale", async () => {
    const seller = await openPassSeller((_, response) => response.writeHead(500).end(), { resource: "pass" });
    const buyer = seller.client();
    expect((await buyer.fetch(seller.url)).status).toBe(500);
    const [first] = seller.shown;
    seller.answers((request, response) =>
      request.headers.authorization === first
        ? refuse("CREDENTIAL_NOT_AUTHENTIC")(request, response)
        : serve(request, response),
    );
    expect(await (await buyer.fetch(`${seller.url}/other`)).text()).toBe("goods");
    expect(seller.paid()).toBe(2);
  });
});
