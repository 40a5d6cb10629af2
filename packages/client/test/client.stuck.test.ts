import { describe, expect, it } from "vitest";
import { createMemoryClientStore } from "../src/index.ts";
import { startHttpServer } from "./http-server.ts";
import { ask, openSeller, type SellerHabits } from "./seller.ts";
import { openShop, SHOP } from "./shop.ts";

const url = `${SHOP}/weather`;
const reason = new Error("The person left.");
const REJECTED = { code: "PAYMENT_REJECTED", fundsMoved: "yes" };
const UNKNOWN = { code: "PAYMENT_OUTCOME_UNKNOWN", fundsMoved: "maybe" };

/** A seller whose /goods always redirects to a new page, and every page costs something. */
async function openMaze(redeem?: SellerHabits["redeem"]) {
  let pages = 0;
  return openSeller({
    challenge: (sale, { path }, response) =>
      path === "/goods" ? response.writeHead(302, { location: `/goods/${++pages}` }).end() : ask(response, sale),
    redeem,
  });
}

/** A shop with one payment that a dead process began and never sent. */
async function openWithEarlier() {
  const store = createMemoryClientStore();
  const shop = openShop();
  const payInvoice = async () => ({ status: "unknown" as const, reason: "no line" });
  const buyer = shop.client({ store, wallet: { ...shop.lightning.wallet, payInvoice } });
  await expect(buyer.fetch(url)).rejects.toMatchObject(UNKNOWN);
  shop.clock.advanceSeconds(200);
  return { ...shop, store };
}

describe("a seller that redirects to another page each time, and delivers nothing", () => {
  const habits: [string, unknown, NonNullable<SellerHabits["redeem"]>][] = [
    ["refuses with 402", REJECTED, (_, response) => response.writeHead(402).end()],
    ["cuts the connection", REJECTED, (_, response) => response.destroy()],
    ["answers 500", { status: 500 }, (_, response) => response.writeHead(500).end()],
  ];
  it.each(habits)("and %s gets one payment, until the buyer says so", async (_, first, redeem) => {
    const seller = await openMaze(redeem);
    const store = createMemoryClientStore();
    const buyer = seller.client({ store });
    expect(await buyer.fetch(seller.url).catch((thrown) => thrown)).toMatchObject(first as object);
    for (let i = 0; i < 5; i++) await expect(buyer.fetch(seller.url)).rejects.toMatchObject(REJECTED);
    await expect(seller.client({ store }).fetch(seller.url)).rejects.toMatchObject(REJECTED);
    expect(seller.lightning.calls.payInvoice).toBe(1);
    expect(await buyer.forget(seller.origin)).toBe(1);
    await buyer.fetch(seller.url).catch(() => {});
    expect(seller.lightning.calls.payInvoice).toBe(2);
  });

  it("gets one payment from a slow wallet whose callers do not wait", async () => {
    const seller = await openMaze();
    const { wallet } = seller.lightning;
    const payments: (() => void)[] = [];
    let asked = 0;
    const buyer = seller.client({
      onChallenge: () => void asked++,
      wallet: {
        ...wallet,
        async payInvoice(input) {
          await new Promise<void>((resolve) => payments.push(resolve));
          return wallet.payInvoice(input);
        },
      },
    });
    for (let tries = 1; tries <= 5; tries++) {
      const controller = new AbortController();
      const leaving = buyer.fetch(seller.url, { signal: controller.signal }).catch((thrown) => thrown);
      await expect.poll(() => asked, { interval: 1 }).toBe(tries);
      if (tries === 1) await expect.poll(() => payments.length, { interval: 1 }).toBe(1);
      controller.abort(reason);
      expect(await leaving).toMatchObject(tries === 1 ? UNKNOWN : reason);
    }
    const staying = buyer.fetch(seller.url).catch((thrown) => thrown);
    await expect.poll(() => asked, { interval: 1 }).toBe(6);
    payments[0]?.();
    expect(await staying).toMatchObject(REJECTED);
    expect(payments).toHaveLength(1);
    // The credential is used by a request for the page that was paid for.
    expect((await buyer.fetch(`${seller.url}/1`)).status).toBe(200);
    expect(payments).toHaveLength(1);
  });

  it("gets one payment for all the fragments of an address, which it never sees", async () => {
    const seller = await openMaze((_, response) => void response.writeHead(402).end());
    const buyer = seller.client();
    for (let i = 0; i < 3; i++) await expect(buyer.fetch(`${seller.url}#${i}`)).rejects.toMatchObject(REJECTED);
    expect(seller.lightning.calls.payInvoice).toBe(1);
  });

  it("may be asked again when what was paid for has expired", async () => {
    let pages = 0;
    const seller = await openSeller({
      challenge: (sale, { path }, response) =>
        path === "/goods"
          ? response.writeHead(302, { location: `/goods/${++pages}` }).end()
          : ask(response, sale, { validForSeconds: 60 }),
      redeem: (_, response) => void response.writeHead(402).end(),
    });
    const buyer = seller.client();
    for (let i = 0; i < 2; i++) await expect(buyer.fetch(seller.url)).rejects.toMatchObject(REJECTED);
    seller.clock.advanceSeconds(7200);
    await expect(buyer.fetch(seller.url)).rejects.toMatchObject(REJECTED);
    expect(seller.lightning.calls.payInvoice).toBe(2);
  });

  it("cannot ask again in a second because its tokens live a second", async () => {
    const seller = await openSeller({
      challenge: (sale, _, response) => ask(response, sale, { validForSeconds: 1 }),
      redeem: (_, response) => void response.writeHead(402).end(),
    });
    const buyer = seller.client();
    for (let i = 0; i < 10; i++) {
      await expect(buyer.fetch(seller.url)).rejects.toMatchObject(REJECTED);
      seller.clock.advanceSeconds(300);
    }
    expect(seller.lightning.calls.payInvoice).toBe(1);
  });

  it("gets one payment where nobody knows whether that was made", async () => {
    const seller = await openMaze();
    seller.lightning.always("payInvoice", "unknown-stuck");
    const buyer = seller.client();
    for (let i = 0; i < 6; i++) await expect(buyer.fetch(seller.url)).rejects.toMatchObject(UNKNOWN);
    expect(seller.lightning.calls.payInvoice).toBe(1);
  });
});

describe("a seller that has a bad minute", () => {
  it("still sells what else its redirects lead to, and serves the first when it is well again", async () => {
    let isDown = true;
    const seller = await openSeller({
      challenge: (sale, { path }, response) => {
        const [, id] = path.split("/go?id=");
        if (id) response.writeHead(302, { location: `/pages/${id}` }).end();
        else ask(response, sale);
      },
      redeem: ({ path }, response) => response.writeHead(isDown && path === "/pages/1" ? 500 : 200).end(path),
    });
    const buyer = seller.client();
    expect((await buyer.fetch(`${seller.origin}/go?id=1`)).status).toBe(500);
    expect(await (await buyer.fetch(`${seller.origin}/go?id=2`)).text()).toBe("/pages/2");
    isDown = false;
    expect(await (await buyer.fetch(`${seller.origin}/go?id=1`)).text()).toBe("/pages/1");
    expect(seller.lightning.payments).toHaveLength(2);
  });

  it("serves later what was paid for at two prices on one path, in either order", async () => {
    for (const sizes of [
      ["small", "big"],
      ["big", "small"],
    ]) {
      let isDown = true;
      const terms = ({ url }: Request) => ({ price: url.endsWith("big") ? 100 : 10 });
      const handler = () => new Response("goods", { status: isDown ? 500 : 200 });
      const { client, lightning } = openShop({ "/search": { terms, handler } });
      const buyer = client();
      for (const size of ["small", "big"]) expect((await buyer.fetch(`${SHOP}/search?${size}`)).status).toBe(500);
      expect(lightning.payments.map(({ amountMsat }) => amountMsat)).toEqual([10_000, 100_000]);
      isDown = false;
      for (const size of sizes) expect((await buyer.fetch(`${SHOP}/search?${size}`)).status).toBe(200);
      expect(lightning.payments).toHaveLength(2);
    }
  });
});

describe("a buyer whose wallet once showed no preimage", () => {
  it.each(["another process has found it", "it was forgotten"])("buys elsewhere again after %s", async (what) => {
    let shows = false;
    const store = createMemoryClientStore();
    const { client, lightning, clock } = openShop();
    const { payInvoice, lookupPayment } = lightning.wallet;
    const unproven = { status: "unknown" as const, reason: "no preimage yet", withoutPreimage: true as const };
    const wallet: typeof lightning.wallet = {
      ...lightning.wallet,
      payInvoice: async (...args) => {
        const result = await payInvoice(...args);
        return shows ? result : unproven;
      },
      lookupPayment: async (...args) => (shows ? lookupPayment(...args) : unproven),
    };
    const buyer = client({ store, wallet });
    await expect(buyer.fetch(url)).rejects.toMatchObject({ code: "WALLET_NO_PREIMAGE", fundsMoved: "yes" });
    const elsewhere = "https://other.example/weather";
    await expect(buyer.fetch(elsewhere)).rejects.toMatchObject({ code: "WALLET_NO_PREIMAGE", fundsMoved: "no" });
    shows = true;
    clock.advanceSeconds(200);
    if (what === "it was forgotten") expect(await buyer.forget()).toBe(1);
    else expect((await client({ store, wallet }).fetch(url)).status).toBe(200);
    for (const _ of "two") expect((await buyer.fetch(elsewhere)).status).toBe(200);
  });
});

describe("an earlier payment that is taken up", () => {
  it("holds nobody up whose caller left while checkInvoice hung", async () => {
    const { client, lightning, store } = await openWithEarlier();
    const controller = new AbortController();
    let hangs = true;
    const checkInvoice = ({ bolt11 }: { bolt11: string }) => {
      if (!hangs || bolt11 !== lightning.invoices[0]?.bolt11) return undefined;
      hangs = false;
      controller.abort(reason);
      return new Promise<void>(() => {});
    };
    const buyer = client({ store, checkInvoice });
    await expect(buyer.fetch(url, { signal: controller.signal })).rejects.toBe(reason);
    const later = { signal: AbortSignal.timeout(10_000) };
    expect((await buyer.fetch(url, later)).status).toBe(200);
    expect(lightning.payments).toHaveLength(1);
  });

  it("is there for the last who waits, when two before have left", async () => {
    const { client, lightning, store } = await openWithEarlier();
    const answers: ((approved: boolean) => void)[] = [];
    let asked = 0;
    const buyer = client({
      store,
      onChallenge: () => void asked++,
      approve: () => new Promise<boolean>((resolve) => answers.push(resolve)),
    });
    const leavers = [new AbortController(), new AbortController()];
    const leaving = [];
    for (const { signal } of leavers) {
      leaving.push(buyer.fetch(url, { signal }).catch((thrown) => thrown));
      await expect.poll(() => [asked, answers.length], { interval: 1 }).toEqual([leaving.length, 1]);
    }
    const staying = buyer.fetch(url);
    await expect.poll(() => asked, { interval: 1 }).toBe(3);
    await new Promise((resolve) => setImmediate(resolve));
    for (const [i, leaver] of leavers.entries()) {
      leaver.abort(reason);
      expect(await leaving[i]).toBe(reason);
      await expect.poll(() => answers.length, { interval: 1 }).toBe(i + 2);
    }
    answers[2]?.(true);
    expect((await staying).status).toBe(200);
    expect(lightning.payments).toMatchObject([{ paymentHash: lightning.invoices[0]?.paymentHash }]);
  });
});

describe("a caller who stays at one origin", () => {
  it("is followed within it, and not beyond, as by fetch", async () => {
    const there = await startHttpServer((_, response) => void response.end("there"));
    const here = await startHttpServer(({ path }, response) => {
      if (path === "/here") response.end("here");
      else response.writeHead(302, { location: path === "/out" ? there.origin : "/here" }).end();
    });
    const init = { mode: "same-origin", headers: { "x-api-key": "mine" } } as const;
    for (const call of [fetch, (await openSeller()).client().fetch]) {
      for (const input of [
        (path: string) => here.origin + path,
        (path: string) => new Request(here.origin + path, init),
      ]) {
        expect(await (await call(input("/in"), init)).text()).toBe("here");
        await expect(call(input("/out"), init)).rejects.toThrow(TypeError);
      }
      await expect(call(new Request(`${here.origin}/out`, init))).rejects.toThrow(TypeError);
    }
    expect(there.seen).toEqual([]);
  });
});
