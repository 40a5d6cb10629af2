import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClientStore, createL402Client, createMemoryClientStore, type L402ClientOptions } from "@l402/client";
import { createFileClientStore } from "@l402/client/node";
import { createMemoryUseStore, createPaywall, type LightningWallet, type Terms } from "@l402/core";
import { type Regtest, startRegtest } from "@l402/regtest";
import { fakeClock } from "@l402/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Goods, startShop } from "../src/servers.ts";

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

const ROUTING_FEE_MSAT = 1000;

/** A shop on the network, and what the buyer's node has spent since it opened. */
async function open(terms: Terms, goods: Goods = () => "the goods") {
  const paywall = createPaywall({
    provider: regtest.nodes.seller.provider,
    secret: "a secret for tests, at least 32 bytes long",
    useStore: createMemoryUseStore({ clock }),
    network: "regtest",
    clock,
  });
  const start = startShop.Hono;
  if (!start) throw new Error("There is no Hono shop.");
  const shop = await start(paywall, terms, goods);
  closing.push(() => shop.close());
  await regtest.idle();
  const before = regtest.nodes.buyer.balance().ownedMsat;
  return {
    url: shop.url,
    client: (options: Partial<L402ClientOptions> = {}) =>
      createL402Client({ wallet: regtest.nodes.buyer.wallet, network: "regtest", clock, ...options }),
    async spentMsat() {
      await regtest.idle();
      return before - regtest.nodes.buyer.balance().ownedMsat;
    },
  };
}

describe("the client, with real Lightning", () => {
  it("buys", async () => {
    const { client, url, spentMsat } = await open({ price: 21 });
    const buyer = client();
    const response = await buyer.fetch(url);
    expect(await response.text()).toBe("the goods");
    expect(buyer.paymentOf(response)).toMatchObject({ amountMsat: 21_000, feeMsat: ROUTING_FEE_MSAT, paidNow: true });
    expect(await spentMsat()).toBe(21_000 + ROUTING_FEE_MSAT);
    expect(await buyer.spending()).toMatchObject({ totalMsat: 21_000 + ROUTING_FEE_MSAT, pendingMsat: 0 });
  });

  it("uses what it bought as often as it may, and then buys again", async () => {
    const { client, url, spentMsat } = await open({ price: 5, uses: 3 });
    const buyer = client();
    for (let i = 0; i < 4; i++) expect((await buyer.fetch(url)).status).toBe(200);
    expect(await spentMsat()).toBe(2 * (5_000 + ROUTING_FEE_MSAT));
  });

  it("buys a pass once for many at the same time, and again when it has expired", async () => {
    const { client, url, spentMsat } = await open({ price: 5, uses: "unlimited", validForSeconds: 60 });
    const buyer = client();
    const responses = await Promise.all(Array.from({ length: 20 }, () => buyer.fetch(url)));
    expect(responses.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(await spentMsat()).toBe(5_000 + ROUTING_FEE_MSAT);
    clock.advanceSeconds(600 + 61);
    expect((await buyer.fetch(url)).status).toBe(200);
    expect(await spentMsat()).toBe(2 * (5_000 + ROUTING_FEE_MSAT));
  });

  it("never spends more than its budget, fees included", async () => {
    const { client, url, spentMsat } = await open({ price: 10 });
    const buyer = client({ budget: { totalSats: 40 } });
    const outcomes = await Promise.allSettled(Array.from({ length: 12 }, () => buyer.fetch(url)));
    const served = outcomes.filter(({ status }) => status === "fulfilled").length;
    expect(served).toBe(3);
    expect(await spentMsat()).toBe(served * (10_000 + ROUTING_FEE_MSAT));
    expect(await buyer.spending()).toMatchObject({ totalMsat: await spentMsat(), pendingMsat: 0 });
  });

  it("finishes after a crash what was paid before it", async () => {
    const { client, url, spentMsat } = await open({ price: 7 });
    const store = createMemoryClientStore();
    const { wallet } = regtest.nodes.buyer;
    let paid: () => void = () => {};
    const hasPaid = new Promise<void>((resolve) => {
      paid = resolve;
    });
    // The program ends between the payment and the moment it would have been written down.
    const dying: LightningWallet = {
      ...wallet,
      async payInvoice(input) {
        await wallet.payInvoice(input);
        paid();
        return new Promise(() => {});
      },
    };
    void client({ store, wallet: dying })
      .fetch(url)
      .catch(() => {});
    await hasPaid;

    const restarted = client({ store });
    expect((await restarted.spending()).pendingMsat).toBeGreaterThan(0);
    expect(await restarted.resume()).toEqual([]);
    expect((await restarted.fetch(url)).status).toBe(200);
    expect(await spentMsat()).toBe(7_000 + ROUTING_FEE_MSAT);
  });

  it("gets what it paid for from a shop that failed, also after a restart", async () => {
    const folder = mkdtempSync(join(tmpdir(), "l402-e2e-"));
    closing.push(() => rmSync(folder, { recursive: true }));
    let fails = true;
    const { client, url, spentMsat } = await open({ price: 8 }, () => {
      if (fails) throw new Error("The shop is broken.");
      return "the goods";
    });
    const start = () => client({ store: createFileClientStore({ path: join(folder, "client.json") }) });
    expect((await start().fetch(url)).status).toBe(500);
    fails = false;
    const restarted = start();
    const response = await restarted.fetch(url);
    expect(await response.text()).toBe("the goods");
    expect(restarted.paymentOf(response)).toMatchObject({ paidNow: false, amountMsat: 8_000 });
    expect(await restarted.purchases()).toEqual([]);
    expect(await spentMsat()).toBe(8_000 + ROUTING_FEE_MSAT);
  });

  it("does not pay again while a payment is under way, and is served when it has arrived", async () => {
    const { client, url, spentMsat } = await open({ price: 9 });
    const store: ClientStore = createMemoryClientStore();
    const buyer = client({ store, paymentTimeoutSeconds: 1 });
    const hold = regtest.nodes.seller.hold();
    const unknown = { code: "PAYMENT_OUTCOME_UNKNOWN", fundsMoved: "maybe" };
    await expect(buyer.fetch(url)).rejects.toMatchObject(unknown);
    await expect(buyer.fetch(url)).rejects.toMatchObject(unknown);
    await hold.claim();
    await regtest.idle();
    expect((await buyer.fetch(url)).status).toBe(200);
    expect(await spentMsat()).toBe(9_000 + ROUTING_FEE_MSAT);
  });

  it("fails, with nothing spent, when the seller's node is gone", async () => {
    const { client, url, spentMsat } = await open({ price: 9 });
    regtest.nodes.router.goOffline();
    try {
      await expect(client({ paymentTimeoutSeconds: 2 }).fetch(url)).rejects.toMatchObject({
        code: "PAYMENT_FAILED",
        fundsMoved: "no",
      });
    } finally {
      await regtest.nodes.router.goOnline();
    }
    expect(await spentMsat()).toBe(0);
  });
});
