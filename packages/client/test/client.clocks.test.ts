import type { PayInvoiceInput } from "@l402/core";
import { describe, expect, it } from "vitest";
import { createMemoryClientStore } from "../src/index.ts";
import { openShop, SHOP } from "./shop.ts";

const url = `${SHOP}/weather`;

/** A shop where the clocks of the seller and of each buyer can be set. */
function openWithClock() {
  const shop = openShop(undefined, { begin: new Date("2026-01-01"), paywall: { challengeLimiter: false } });
  const { clock } = shop;
  const begin = clock();
  const store = createMemoryClientStore();
  return { ...shop, store, set: (seconds: number) => clock.set(new Date(begin.getTime() + seconds * 1000)) };
}

/** A wallet whose program dies while it pays. */
const payInvoice = () => new Promise<never>(() => {});

describe("a clock that was ahead and has been set right", () => {
  it("keeps from nobody what was bought for a program that has died since", async () => {
    const { client, lightning, fetchShop, store, set } = openWithClock();
    set(500);
    const dying = client({
      store,
      fetch: (input, init) =>
        new Request(input, init).headers.has("authorization") ? new Promise(() => {}) : fetchShop(input, init),
    });
    void dying.fetch(url);
    await expect.poll(async () => (await dying.purchases())[0]?.status, { interval: 1 }).toBe("paid");
    set(0);
    expect((await client({ store }).fetch(url)).status).toBe(200);
    expect(lightning.payments).toHaveLength(1);
  });

  it("keeps from nobody the payment that such a program began", async () => {
    const { client, lightning, store, set } = openWithClock();
    set(86_400);
    void client({ store, wallet: { ...lightning.wallet, payInvoice } }).fetch(url);
    const buyer = client({ store });
    await expect.poll(async () => (await buyer.spending()).pendingMsat, { interval: 1 }).toBeGreaterThan(0);
    set(0);
    expect((await buyer.fetch(url)).status).toBe(200);
    expect(lightning.payments).toMatchObject([{ paymentHash: lightning.invoices[0]?.paymentHash }]);
  });

  it("books a payment that another client takes for failed meanwhile, and keeps what it bought", async () => {
    const { client, lightning, store, set } = openWithClock();
    const { wallet } = lightning;
    let pay: () => void = () => {};
    const paying = new Promise<void>((resolve) => {
      pay = resolve;
    });
    const told: unknown[] = [];
    const slow = { ...wallet, payInvoice: (input: PayInvoiceInput) => paying.then(() => wallet.payInvoice(input)) };
    const budget = { totalSats: 15 };
    const buyer = client({ store, budget, wallet: slow, onPayment: (payment) => told.push(payment) });
    const other = client({ store, budget });
    const first = buyer.fetch(url);
    await expect.poll(async () => (await other.spending()).pendingMsat, { interval: 1 }).toBeGreaterThan(0);
    set(900);
    expect(await other.resume()).toEqual([]);
    set(0);
    pay();
    expect((await first).status).toBe(200);
    expect(await other.spending()).toMatchObject({ totalMsat: 10_000, pendingMsat: 0 });
    expect(told).toHaveLength(1);
    await expect(other.fetch(url)).rejects.toMatchObject({ code: "BUDGET_EXCEEDED" });
    expect(lightning.payments).toHaveLength(1);
  });

  it("books a payment that another client takes over, and takes for failed by its own wallet", async () => {
    const { client, lightning, store, set } = openWithClock();
    const { wallet } = lightning;
    let pay: () => void = () => {};
    const paying = new Promise<void>((resolve) => {
      pay = resolve;
    });
    const slow = { ...wallet, payInvoice: (input: PayInvoiceInput) => paying.then(() => wallet.payInvoice(input)) };
    const failing = { ...wallet, payInvoice: async () => ({ status: "failed" as const, reason: "no route" }) };
    const buyer = client({ store, wallet: slow });
    const other = client({ store, wallet: failing });
    const first = buyer.fetch(url);
    await expect.poll(async () => (await other.spending()).pendingMsat, { interval: 1 }).toBeGreaterThan(0);
    set(300);
    await expect(other.fetch(url)).rejects.toMatchObject({ code: "PAYMENT_FAILED" });
    set(0);
    pay();
    expect((await first).status).toBe(200);
    expect(await other.spending()).toMatchObject({ totalMsat: 10_000, pendingMsat: 0 });
    expect(lightning.payments).toHaveLength(1);
  });

  it("does not forget what was spent today", async () => {
    const { client, lightning, store, set } = openWithClock();
    const buyer = client({ store, maxFeeSats: 0, budget: { perDaySats: 50 } });
    for (let i = 0; i < 4; i++) await buyer.fetch(url);
    set(25 * 3600);
    await buyer.fetch(url);
    set(0);
    for (let i = 0; i < 3; i++) await expect(buyer.fetch(url)).rejects.toMatchObject({ code: "BUDGET_EXCEEDED" });
    expect(await buyer.spending()).toMatchObject({ dayMsat: 50_000 });
    expect(lightning.payments).toHaveLength(5);
  });
});

describe("a clock that was ahead for more than a day and has been set right", () => {
  it("counts what is spent from then on", async () => {
    const { client, store, set } = openWithClock();
    const buyer = client({ store, maxFeeSats: 0, budget: { perDaySats: 16_000 } });
    // As many minutes as are kept, and the cheapest way to fill them.
    await store.update((text) => {
      const minutes = Array.from({ length: 1500 }, (_, i) => [Math.floor(Date.UTC(2026, 0, 31) / 60_000) + i, 1000]);
      const spent = { totalMsat: 1_500_000, originsMsat: {}, minutesMsat: Object.fromEntries(minutes) };
      return JSON.stringify({ version: 1, credentials: {}, pending: {}, ...JSON.parse(text ?? "{}"), spent });
    });
    const before = (await buyer.spending()).dayMsat;
    for (let minute = 1; minute <= 3; minute++) {
      set(60 * minute);
      await buyer.fetch(url);
    }
    expect((await buyer.spending()).dayMsat - before).toBe(30_000);
  });
});

describe("a clock that is two minutes ahead", () => {
  it("is another computer's, and what that is paying is left to it, however long it may try", async () => {
    const { client, clock, lightning, store } = openWithClock();
    const ahead = () => new Date(clock().getTime() + 120_000);
    const wallet = { ...lightning.wallet, payInvoice };
    void client({ store, clock: ahead, paymentTimeoutSeconds: 600, wallet }).fetch(url);
    const buyer = client({ store });
    await expect.poll(async () => (await buyer.spending()).pendingMsat, { interval: 1 }).toBeGreaterThan(0);
    expect(await buyer.resume()).toHaveLength(1);
    expect(await buyer.forget()).toBe(0);
    expect(lightning.calls.payInvoice).toBe(0);
  });

  it("is another computer's, and what that has bought is left to it until it has used it", async () => {
    const { client, clock, fetchShop, lightning, requests, store, set } = openWithClock();
    let answer = () => {};
    const ahead = client({
      store,
      clock: () => new Date(clock().getTime() + 120_000),
      fetch: async (input, init) => {
        const isPaid = new Request(input, init).headers.has("authorization");
        if (isPaid) await new Promise<void>((resolve) => (answer = resolve));
        return fetchShop(input, init);
      },
    });
    const first = ahead.fetch(url);
    await expect.poll(async () => (await ahead.purchases())[0]?.status, { interval: 1 }).toBe("paid");
    const second = client({ store }).fetch(url);
    await expect.poll(() => requests.length, { interval: 1 }).toBe(2);
    expect(requests.some(({ headers }) => headers.has("authorization"))).toBe(false);
    answer();
    expect((await first).status).toBe(200);
    set(60);
    expect((await second).status).toBe(200);
    expect(lightning.payments).toHaveLength(2);
  });
});

describe("the books of a day", () => {
  it("hold it all, and not much more", async () => {
    const { client, clock, store } = openWithClock();
    const minute = Math.floor(clock().getTime() / 60_000);
    const buyer = client({ store });
    await buyer.fetch(url);
    store.update((text) => {
      const state = JSON.parse(text as string);
      for (let i = 1; i <= 3000; i++) state.spent.minutesMsat[minute - i] = 1;
      return JSON.stringify(state);
    });
    await buyer.fetch(url);
    expect(await buyer.spending()).toMatchObject({ dayMsat: 20_000 + 1440, hourMsat: 20_000 + 60 });
    const { spent } = JSON.parse(store.read() as string);
    expect(Object.keys(spent.minutesMsat).length).toBeLessThan(2000);
  });
});
