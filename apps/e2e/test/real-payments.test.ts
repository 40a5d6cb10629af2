import { createMemoryUseStore, createPaywall, type Terms } from "@l402/core";
import { type Regtest, startRegtest } from "@l402/regtest";
import { fakeClock, payChallenge } from "@l402/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Goods, type StartShop, startShop } from "../src/servers.ts";

const clock = fakeClock(new Date());
let regtest: Regtest<"buyer" | "router" | "seller">;
beforeAll(async () => {
  regtest = await startRegtest({ nodes: ["buyer", "router", "seller"], clock });
});
afterAll(() => regtest.close());

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const useStore = createMemoryUseStore({ clock });
const openPaywall = () =>
  createPaywall({
    provider: regtest.nodes.seller.provider,
    secret: "a secret for tests, at least 32 bytes long",
    useStore,
    network: "regtest",
    clock,
  });

describe.each(Object.entries(startShop))("real Lightning payments to %s", (_, start) => {
  /** Opens a shop, and a buyer for it. */
  async function open(terms: Terms, goods: Goods = () => "the goods", startOther: StartShop = start) {
    const shop = await startOther(openPaywall(), terms, goods);
    closing.push(() => shop.close());
    const ask = (authorization?: string) => fetch(shop.url, authorization ? { headers: { authorization } } : {});
    return { ask, buy: async () => payChallenge(regtest.nodes.buyer.wallet, await ask()) };
  }
  const statuses = async (asked: Promise<Response>[]) => (await Promise.all(asked)).map(({ status }) => status).sort();

  it("one use: served once, the money has moved, and a replay is refused", async () => {
    const { ask, buy } = await open({ price: 21 });
    await regtest.idle();
    const before = regtest.nodes.seller.balance().ownedMsat;
    const authorization = await buy();
    expect(await (await ask(authorization)).text()).toBe("the goods");
    expect((await ask(authorization)).status).toBe(402);
    await regtest.idle();
    expect(regtest.nodes.seller.balance().ownedMsat - before).toBe(21_000);
  });

  it("less than a sat", async () => {
    const { ask, buy } = await open({ price: { msat: 500 } });
    expect((await ask(await buy())).status).toBe(200);
  });

  it("several uses: exactly as many as were bought, at once", async () => {
    const { ask, buy } = await open({ price: 5, uses: 3 });
    const authorization = await buy();
    expect(await statuses(Array.from({ length: 8 }, () => ask(authorization)))).toEqual([
      ...[200, 200, 200],
      ...[402, 402, 402, 402, 402],
    ]);
  });

  it("a pass: as often as one likes, until it expires", async () => {
    const { ask, buy } = await open({ price: 5, uses: "unlimited", validForSeconds: 60 });
    const authorization = await buy();
    for (let i = 0; i < 5; i++) expect((await ask(authorization)).status).toBe(200);
    clock.advanceSeconds(600 + 61);
    expect((await ask(authorization)).status).toBe(402);
  });

  it("a handler that fails gives the use back", async () => {
    let broken = true;
    const { ask, buy } = await open({ price: 5 }, () => {
      if (broken) throw new Error("a bug");
      return "the goods";
    });
    const authorization = await buy();
    expect((await ask(authorization)).status).toBe(500);
    broken = false;
    expect((await ask(authorization)).status).toBe(200);
    expect((await ask(authorization)).status).toBe(402);
  });

  it("two servers with one store: a token works on either, once", async () => {
    const one = await open({ price: 5 });
    const two = await open({ price: 5 });
    const authorization = await one.buy();
    expect((await two.ask(authorization)).status).toBe(200);
    expect((await one.ask(authorization)).status).toBe(402);
  });

  it("buyers in parallel: everyone pays for themselves and is served", async () => {
    const { ask, buy } = await open({ price: 3 });
    const bought = await Promise.all(Array.from({ length: 12 }, buy));
    expect(new Set(bought).size).toBe(12);
    expect(await statuses(bought.map(ask))).toEqual(Array(12).fill(200));
  });
});
