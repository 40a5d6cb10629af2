import { fakeClock } from "@l402/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { attenuateToken, createMemoryUseStore, L402Error, type Use, type UseStore } from "../src/index.ts";
import { denied, expectNoOffer, granted, headersOf, openShop, request } from "./shop.ts";

const terms = { price: 10 };
const down = (): never => {
  throw Object.assign(new Error("redis://user:password@10.0.0.1 refused"), { code: "ECONNREFUSED" });
};

afterEach(() => vi.useRealTimers());

describe("a store that is down", () => {
  it.each([
    ["rejects", async () => down()],
    ["throws", down],
    ["throws an error of its own", () => Promise.reject(new L402Error("STORE_UNAVAILABLE", "READONLY"))],
  ])("and %s: 503 with Retry-After, nothing granted, the use not lost", async (_, consume) => {
    const memory = createMemoryUseStore({ clock: fakeClock() });
    const useStore: UseStore = { ...memory, consume: vi.fn(memory.consume).mockImplementationOnce(consume) };
    const { paywall, buy } = openShop({ useStore });
    const authorization = await buy("/a", terms);
    const decision = await paywall.check(request("/a", { authorization }), terms);
    expect(denied(decision, "STORE_UNAVAILABLE").reply.status).toBe(503);
    expect(headersOf(decision, "retry-after")).toEqual(["5"]);
    expectNoOffer(decision);
    granted(await paywall.check(request("/a", { authorization }), terms));
  });

  it("does not lock out a token that needs no store", async () => {
    const { paywall, buy } = openShop({ useStore: { consume: down, release: down } });
    const unlimited = { ...terms, uses: "unlimited" } as const;
    const authorization = await buy("/a", unlimited);
    granted(await paywall.check(request("/a", { authorization }), unlimited));
  });

  it("still sells", async () => {
    const { paywall } = openShop({ useStore: { consume: down, release: down } });
    denied(await paywall.check(request("/a"), terms), "CREDENTIAL_MISSING");
  });

  it("that never answers: 503 within seconds, and a use counted later is given back", async () => {
    const memory = createMemoryUseStore({ clock: fakeClock() });
    let answer: (() => void) | undefined;
    const release = vi.fn(memory.release);
    const consume = (use: Use) =>
      new Promise<number | false>((resolve) => {
        answer = () => resolve(memory.consume(use));
      });
    const { paywall, buy } = openShop({ useStore: { consume, release } });
    const authorization = await buy("/a", terms);
    vi.useFakeTimers();
    const asked = paywall.check(request("/a", { authorization }), terms);
    await vi.advanceTimersByTimeAsync(3000);
    expect(denied(await asked, "STORE_UNAVAILABLE").reply.status).toBe(503);
    expect(release).not.toHaveBeenCalled();
    answer?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(release).toHaveBeenCalledOnce();
    expect(memory.size).toBe(0);
  });

  it("that never takes a use back: the request ends all the same", async () => {
    const memory = createMemoryUseStore({ clock: fakeClock() });
    const { paywall, buy, events } = openShop({ useStore: { ...memory, release: () => new Promise<never>(() => {}) } });
    const authorization = await buy("/a", terms);
    const decision = granted(await paywall.check(request("/a", { authorization }), terms));
    vi.useFakeTimers();
    const released = decision.release();
    await vi.advanceTimersByTimeAsync(3000);
    await released;
    expect(events.at(-1)).toMatchObject({ type: "failed", what: "release", error: { code: "STORE_UNAVAILABLE" } });
  });

  it("may answer with whatever can be awaited", async () => {
    const memory = createMemoryUseStore({ clock: fakeClock() });
    // biome-ignore lint/suspicious/noThenProperty: query builders of databases are such objects.
    const consume = (use: Use) => ({ then: (done: (left: unknown) => void) => done(memory.consume(use)) }) as never;
    const { paywall, buy } = openShop({ useStore: { ...memory, consume } });
    const authorization = await buy("/a", terms);
    granted(await paywall.check(request("/a", { authorization }), terms));
    denied(await paywall.check(request("/a", { authorization }), terms), "CREDENTIAL_USED_UP");
  });

  it.each([true, undefined, null, Number.NaN, -1, 1, 0.5, "0", {}])("odd answers are no grant: %o", async (odd) => {
    const { paywall, buy } = openShop({ useStore: { consume: () => odd as never, release: () => {} } });
    const authorization = await buy("/a", terms);
    denied(await paywall.check(request("/a", { authorization }), terms), "STORE_UNAVAILABLE");
  });
});

describe("a token with several limits", () => {
  it("takes all of its uses or none", async () => {
    const memory = createMemoryUseStore({ clock: fakeClock() });
    let broken = false;
    const useStore: UseStore = {
      // The pass itself is counted last; its key is the bare hash.
      consume: (use) => (broken && !use.key.includes(":") ? down() : memory.consume(use)),
      release: memory.release,
    };
    const { paywall, buy } = openShop({ useStore });
    const [token, preimage] = (await buy("/a", { ...terms, uses: 5 })).replace("L402 ", "").split(":") as [
      string,
      string,
    ];
    const authorization = `L402 ${attenuateToken(token, { uses: 1 })}:${preimage}`;
    broken = true;
    denied(await paywall.check(request("/a", { authorization }), terms), "STORE_UNAVAILABLE");
    broken = false;
    const decision = granted(await paywall.check(request("/a", { authorization }), terms));
    expect(decision.payment.remainingUses).toBe(0);
    await decision.release();
    granted(await paywall.check(request("/a", { authorization }), terms));
    denied(await paywall.check(request("/a", { authorization }), terms), "CREDENTIAL_USED_UP");
    expect(
      granted(await paywall.check(request("/a", { authorization: `L402 ${token}:${preimage}` }), terms)).payment
        .remainingUses,
    ).toBe(3);
  });
});
