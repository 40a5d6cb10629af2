import { createMemoryUseStore } from "@l402/core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Browser } from "./browser.ts";
import { openShop } from "./shop.ts";

afterEach(() => void vi.useRealTimers());

/** A shop whose handler answers when it is told to, and a browser that has paid for one visit. */
async function openSlowShop(uses = 1) {
  const waiting: (() => void)[] = [];
  const useStore = createMemoryUseStore({ clock: () => shop.clock() });
  const consume = vi.spyOn(useStore, "consume");
  const shop: ReturnType<typeof openShop> = openShop({
    terms: { price: 21, uses },
    page: { passPath: "/" },
    paywall: { useStore },
    handler: async () => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return new Response("the goods");
    },
  });
  const leaving = new AbortController();
  const first = new Browser((request) => shop.serve(new Request(request, { signal: leaving.signal })));
  const { claim, invoice } = await first.visit("/weather");
  shop.payElsewhere(invoice);
  shop.clock.advanceSeconds(1);
  await first.ask("/weather", claim);
  const again = shop.openBrowser();
  again.jar.push(...first.jar);
  const until = (isSo: () => boolean) => vi.waitUntil(isSo, { interval: 1 });
  return {
    ...{ shop, first, again, waiting, store: useStore },
    leave: () => leaving.abort(),
    /** Until so many requests have asked for a use. */
    haveAsked: (count: number) => until(() => consume.mock.calls.length >= count),
    isHandling: (count: number) => until(() => waiting.length === count),
  };
}

describe("a slow page", () => {
  it("that is reloaded before it came opens, and is not sold again", async () => {
    const { shop, first, again, leave, waiting, isHandling, haveAsked } = await openSlowShop();
    const left = first.visit("/weather");
    await isHandling(1);
    leave();
    const reloaded = again.visit("/weather");
    // The handler still works for the request that was left.
    await haveAsked(2);
    waiting[0]?.();
    await left;
    await isHandling(2);
    waiting[1]?.();
    expect(await reloaded).toMatchObject({ status: 200, text: "the goods" });
    expect(shop.lightning.invoices).toHaveLength(1);
    expect((await again.visit("/weather")).text).toContain("All visits of your pass are used.");
  });

  it("that is reloaded while its use is being counted opens, and is not sold again", async () => {
    const { shop, first, again, leave, waiting, isHandling, store } = await openSlowShop();
    const { consume } = store;
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    // Both have asked before the store, which is far away, answers either.
    let asked = 0;
    store.consume = async (use) => {
      const isGranted = consume.call(store, use);
      if (++asked === 2) answer();
      if (asked <= 2) await answered;
      return isGranted;
    };
    const left = first.visit("/weather");
    await vi.waitUntil(() => asked === 1, { interval: 1 });
    const reloaded = again.visit("/weather");
    leave();
    await left;
    await isHandling(1);
    waiting[0]?.();
    expect(await reloaded).toMatchObject({ status: 200, text: "the goods" });
    expect(shop.lightning.invoices).toHaveLength(1);
  });

  it("opens once for one visit, in two tabs too", async () => {
    const { first, again, waiting, isHandling, haveAsked } = await openSlowShop();
    const [opened, other] = [first.visit("/weather"), again.visit("/weather")];
    await isHandling(1);
    await haveAsked(2);
    waiting[0]?.();
    const visits = [await opened, await other];
    expect(visits.map(({ status }) => status).sort()).toEqual([200, 402]);
    expect(visits.find(({ status }) => status === 402)?.text).toContain("All visits of your pass are used.");
  });

  it("is not waited for longer than half a minute, and by no program at all", async () => {
    const { shop, first, again, isHandling } = await openSlowShop();
    void first.visit("/weather");
    await isHandling(1);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const cookie = again.cookiesFor("/weather");
    const program = await shop.serve(new Request("https://shop.example/weather", { headers: { cookie } }));
    expect(program.status).toBe(402);
    const visit = again.visit("/weather");
    while (vi.getTimerCount() === 0) await new Promise(setImmediate);
    await vi.advanceTimersByTimeAsync(29_000);
    expect(shop.lightning.invoices).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1000);
    expect((await visit).status).toBe(402);
    expect(shop.lightning.invoices).toHaveLength(3);
  });

  it("keeps nobody from buying another page", async () => {
    const { shop, first, again, isHandling } = await openSlowShop();
    void first.visit("/weather");
    await isHandling(1);
    expect(await again.visit("/tides")).toMatchObject({ status: 402, invoice: expect.stringContaining("ln") });
    expect(shop.lightning.invoices).toHaveLength(2);
  });

  it("is waited for only by who has no visit left", async () => {
    const { first, again, waiting, isHandling } = await openSlowShop(2);
    void first.visit("/weather");
    await isHandling(1);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    void again.visit("/weather");
    while (waiting.length < 2) await new Promise(setImmediate);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is asked for once where the store is down", async () => {
    const { first, store } = await openSlowShop();
    store.consume = vi.fn(() => Promise.reject(new Error("no database")));
    expect((await first.visit("/weather")).status).toBe(503);
    expect(store.consume).toHaveBeenCalledOnce();
  });
});
