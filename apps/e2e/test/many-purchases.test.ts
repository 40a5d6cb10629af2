import { request as httpRequest } from "node:http";
import { createL402Client } from "@l402/client";
import { createMemoryUseStore, createPaywall, type Terms } from "@l402/core";
import { fakeLightning, payChallenge } from "@l402/testing";
import { afterEach, describe, expect, it } from "vitest";
import { type Goods, startShop } from "../src/servers.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A shop with every default, so with the limiter that it has on its own, and a buyer at one address. */
async function open(terms: Terms = { price: 1 }, goods: Goods = () => "the goods") {
  const lightning = fakeLightning();
  const paywall = createPaywall({
    provider: lightning.provider,
    secret: "a secret for tests, at least 32 bytes long",
    useStore: createMemoryUseStore(),
    network: "regtest",
  });
  const start = startShop.Express;
  if (!start) throw new Error("There is no Express shop.");
  const shop = await start(paywall, terms, goods);
  closing.push(() => shop.close());
  const ask = async (authorization?: string) => {
    const response = await fetch(shop.url, authorization ? { headers: { authorization } } : {});
    await response.clone().arrayBuffer();
    return response;
  };
  return {
    lightning,
    url: shop.url,
    ask,
    buy: async () => payChallenge(lightning.wallet, await ask()),
    /** How many invoices the address gets until it is refused. Time passes meanwhile, which is worth one a second. */
    async takeUnpaid() {
      const from = Date.now();
      for (let unpaid = 0; ; unpaid++) {
        const { status } = await ask();
        if (status === 429) return { unpaid, seconds: Math.ceil((Date.now() - from) / 1000) };
        expect(status).toBe(402);
      }
    },
  };
}

describe("one address that buys with every default", () => {
  it("is served 200 purchases in a row, and still gets 60 invoices that it does not pay", async () => {
    const { url, lightning, ask, takeUnpaid } = await open();
    const client = createL402Client({ wallet: lightning.wallet, network: "regtest" });
    const statuses: number[] = [];
    for (let i = 0; i < 200; i++) statuses.push((await client.fetch(url)).status);
    expect(statuses).toEqual(Array(200).fill(200));
    expect(lightning.payments).toHaveLength(200);

    const { unpaid, seconds } = await takeUnpaid();
    expect(unpaid).toBeGreaterThanOrEqual(60);
    expect(unpaid).toBeLessThanOrEqual(60 + seconds);
    const refused = await ask();
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ code: "TOO_MANY_CHALLENGES" });
  });

  it("gets one more for a payment of 50 uses, however often it shows it, and none for one whose handler fails", async () => {
    let fails = true;
    const { ask, buy, takeUnpaid } = await open({ price: 1, uses: 50 }, () => {
      if (fails) throw new Error("not now");
      return "the goods";
    });
    const authorization = await buy();
    await takeUnpaid();
    for (let i = 0; i < 20; i++) expect((await ask(authorization)).status).toBe(500);
    const whileFailing = await takeUnpaid();
    expect(whileFailing.unpaid).toBeLessThanOrEqual(whileFailing.seconds + 1);

    fails = false;
    const from = Date.now();
    for (let i = 0; i < 50; i++) expect((await ask(authorization)).status).toBe(200);
    const { unpaid } = await takeUnpaid();
    expect(unpaid).toBeGreaterThanOrEqual(1);
    expect(unpaid).toBeLessThanOrEqual(2 + Math.ceil((Date.now() - from) / 1000));
  });

  it("gives its place back also where every request has a connection of its own", async () => {
    const { url, buy, takeUnpaid } = await open();
    const bought: string[] = [];
    for (let i = 0; i < 40; i++) bought.push(await buy());
    await takeUnpaid();
    for (const authorization of bought) {
      const headers = { authorization, connection: "close" };
      await new Promise((resolve, reject) => {
        httpRequest(url, { agent: false, headers }, (response) => response.resume().on("close", resolve))
          .on("error", reject)
          .end();
      });
    }
    expect((await takeUnpaid()).unpaid).toBeGreaterThanOrEqual(40);
  });
});
