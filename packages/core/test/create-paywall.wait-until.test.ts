import { describe, expect, it, vi } from "vitest";
import { createMemoryUseStore, type Use } from "../src/index.ts";
import { denied, granted, openShop, request } from "./shop.ts";

const terms = { price: 10 };

/** A shop on a platform that ends with its answers, unless it was asked to wait. */
function openServerless(options: Parameters<typeof openShop>[0] = {}) {
  const waited: Promise<unknown>[] = [];
  const shop = openShop({ waitUntil: (promise) => void waited.push(promise), ...options });
  const mayEnd = async () => {
    const tick = new Promise((resolve) => setTimeout(resolve, 0, "not yet"));
    return (await Promise.race([Promise.all(waited), tick])) !== "not yet";
  };
  return { ...shop, waited, mayEnd };
}

/** A promise that is resolved by hand. */
function later<Value>() {
  let resolve = (_: Value) => {};
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

describe("waitUntil keeps the instance alive", () => {
  it("while a store counts, although the client may have left", async () => {
    const { promise: counted, resolve } = later<number>();
    const { buy, paywall, mayEnd } = openServerless({ useStore: { consume: () => counted, release: () => {} } });
    const authorization = await buy("/a", terms);
    const asked = paywall.check(request("/a", { authorization }), terms);
    expect(await mayEnd()).toBe(false);
    resolve(0);
    await granted(await asked).finish("left");
    expect(await mayEnd()).toBe(true);
  });

  it("while a handler runs, and until its use is given back", async () => {
    const { promise: releasing, resolve } = later<void>();
    const memory = createMemoryUseStore();
    const { buy, paywall, mayEnd } = openServerless({ useStore: { ...memory, release: () => releasing } });
    const authorization = await buy("/a", terms);
    const { finish } = granted(await paywall.check(request("/a", { authorization }), terms));
    expect(await mayEnd()).toBe(false);
    finish(500);
    expect(await mayEnd()).toBe(false);
    resolve();
    expect(await mayEnd()).toBe(true);
  });

  it("until a use that was counted too late is given back", async () => {
    const memory = createMemoryUseStore();
    const { promise: counted, resolve } = later<void>();
    const release = vi.fn(memory.release);
    const consume = (use: Use) => counted.then(() => memory.consume(use));
    const { buy, paywall, mayEnd } = openServerless({ useStore: { consume, release } });
    const authorization = await buy("/a", terms);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const asked = paywall.check(request("/a", { authorization }), terms);
    await vi.advanceTimersByTimeAsync(3000);
    vi.useRealTimers();
    denied(await asked, "STORE_UNAVAILABLE");
    expect(await mayEnd()).toBe(false);
    resolve();
    expect(await mayEnd()).toBe(true);
    expect(release).toHaveBeenCalledOnce();
  });

  it("until a log has written the payment down, and the limiter has taken back its place", async () => {
    const [written, takenBack] = [later<void>(), later<void>()];
    const challengeLimiter = { take: () => ({ allowed: true }) as const, giveBack: () => takenBack.promise };
    const paymentLog = { record: () => written.promise };
    const { buy, paywall, mayEnd } = openServerless({ paymentLog, challengeLimiter });
    const authorization = await buy("/a", terms);
    await granted(await paywall.check(request("/a", { authorization }), terms)).finish(200);
    expect(await mayEnd()).toBe(false);
    written.resolve();
    expect(await mayEnd()).toBe(false);
    takenBack.resolve();
    expect(await mayEnd()).toBe(true);
  });

  it("and sees no failure, neither a log's nor a refusal of the terms", async () => {
    const paymentLog = { record: () => Promise.reject(new Error("down")) };
    const { buy, paywall, waited } = openServerless({ paymentLog });
    const authorization = await buy("/a", terms);
    await granted(await paywall.check(request("/a", { authorization }), terms)).finish(200);
    const refusal = new Response(null, { status: 400 });
    const gate = paywall.gate(() => {
      throw refusal;
    });
    await expect(gate(request("/a"), undefined)).rejects.toBe(refusal);
    await expect(Promise.all(waited)).resolves.toBeDefined();
  });

  it("or fails itself, and no request with it", async () => {
    const waitUntil = () => {
      throw new Error("There is no request.");
    };
    const { buy, paywall } = openServerless({ waitUntil });
    const authorization = await buy("/a", terms);
    await granted(await paywall.check(request("/a", { authorization }), terms)).finish(200);
  });
});
