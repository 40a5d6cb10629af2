import { fakeClock } from "@l402/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  type AuthenticToken,
  attenuateToken,
  createMemoryUseStore,
  L402Error,
  macaroonFormat,
  signedJsonFormat,
  type TokenFormat,
  type Use,
  type UseStore,
} from "../src/index.ts";
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
    ["rejects with nothing", () => Promise.reject()],
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

  /** A store that counts at once, but answers only when the test says so. */
  function slowStore(releasing: () => Promise<void> = async () => {}) {
    const memory = createMemoryUseStore({ clock: fakeClock() });
    const arrive: (() => void)[] = [];
    const release = vi.fn(async (use: Use) => {
      await releasing();
      memory.release(use);
    });
    const consume = vi.fn(memory.consume as (use: Use) => number | false | Promise<number | false>);
    const slowly = () =>
      consume.mockImplementationOnce((use) => {
        const left = memory.consume(use);
        return new Promise((resolve) => arrive.push(() => resolve(left)));
      });
    return { useStore: { consume, release }, memory, arrive, release, slowly };
  }

  it("a retry while the late answer is out: 503, and no second invoice for who has paid", async () => {
    let released = () => {};
    const store = slowStore(() => new Promise((resolve) => (released = resolve)));
    const { paywall, buy, lightning } = openShop({ useStore: store.useStore });
    const authorization = await buy("/a", terms);
    vi.useFakeTimers();
    const ask = () => paywall.check(request("/a", { authorization }), terms);
    store.slowly();
    const first = ask();
    await vi.advanceTimersByTimeAsync(3000);
    denied(await first, "STORE_UNAVAILABLE");

    const expectWait = async () => {
      const retry = await ask();
      expect(denied(retry, "STORE_UNAVAILABLE").reply.status).toBe(503);
      expect(headersOf(retry, "retry-after")).toEqual(["5"]);
      expectNoOffer(retry);
    };
    await expectWait();
    // The store has answered, but the use is not given back yet.
    store.arrive[0]?.();
    await vi.advanceTimersByTimeAsync(0);
    await expectWait();
    released();
    await vi.advanceTimersByTimeAsync(0);
    granted(await ask());
    denied(await ask(), "CREDENTIAL_USED_UP");
    expect(lightning.calls.createInvoice).toBe(2);
  });

  it("a late answer that says no gives nothing back, and ends the waiting", async () => {
    const store = slowStore();
    const { paywall, buy } = openShop({ useStore: store.useStore });
    const authorization = await buy("/a", terms);
    const ask = () => paywall.check(request("/a", { authorization }), terms);
    granted(await ask());
    vi.useFakeTimers();
    store.slowly();
    const slow = ask();
    await vi.advanceTimersByTimeAsync(3000);
    denied(await slow, "STORE_UNAVAILABLE");
    denied(await ask(), "STORE_UNAVAILABLE");
    store.arrive[0]?.();
    await vi.advanceTimersByTimeAsync(0);
    denied(await ask(), "CREDENTIAL_USED_UP");
    expect(store.release).not.toHaveBeenCalled();
  });

  it("two late answers for one token: it waits for both", async () => {
    const store = slowStore();
    const { paywall, buy } = openShop({ useStore: store.useStore });
    const two = { ...terms, uses: 2 };
    const authorization = await buy("/a", two);
    const ask = () => paywall.check(request("/a", { authorization }), two);
    vi.useFakeTimers();
    store.slowly();
    store.slowly();
    const both = [ask(), ask()];
    await vi.advanceTimersByTimeAsync(3000);
    for (const decision of both) denied(await decision, "STORE_UNAVAILABLE");
    store.arrive[0]?.();
    await vi.advanceTimersByTimeAsync(0);
    granted(await ask());
    denied(await ask(), "STORE_UNAVAILABLE");
    store.arrive[1]?.();
    await vi.advanceTimersByTimeAsync(0);
    granted(await ask());
    denied(await ask(), "CREDENTIAL_USED_UP");
  });

  it("a late answer that fails ends the waiting too", async () => {
    const memory = createMemoryUseStore({ clock: fakeClock() });
    let fail = () => {};
    const consume = vi.fn(memory.consume as UseStore["consume"]).mockImplementationOnce((use) => {
      memory.consume(use);
      return new Promise((_, reject) => (fail = () => reject(new Error("gone"))));
    });
    const { paywall, buy } = openShop({ useStore: { ...memory, consume } });
    const authorization = await buy("/a", terms);
    vi.useFakeTimers();
    const slow = paywall.check(request("/a", { authorization }), terms);
    await vi.advanceTimersByTimeAsync(3000);
    denied(await slow, "STORE_UNAVAILABLE");
    denied(await paywall.check(request("/a", { authorization }), terms), "STORE_UNAVAILABLE");
    fail();
    await vi.advanceTimersByTimeAsync(0);
    denied(await paywall.check(request("/a", { authorization }), terms), "CREDENTIAL_USED_UP");
  });

  it("a retry while the use of a failed request is being given back: 503, and no second invoice", async () => {
    const released: (() => void)[] = [];
    const store = slowStore(() => new Promise((resolve) => released.push(resolve)));
    const { paywall, buy, lightning } = openShop({ useStore: store.useStore });
    const two = { ...terms, uses: 2 };
    const authorization = await buy("/a", two);
    const ask = () => paywall.check(request("/a", { authorization }), two);
    const ends = [granted(await ask()), granted(await ask())].map(({ finish }) => finish(500));
    for (const end of ends) {
      const retry = denied(await ask(), "STORE_UNAVAILABLE");
      expect(retry.reply.status).toBe(503);
      expectNoOffer(retry);
      released.shift()?.();
      await end;
      granted(await ask());
    }
    denied(await ask(), "CREDENTIAL_USED_UP");
    expect(lightning.calls.createInvoice).toBe(2);
  });

  it.each([
    ["begins", false],
    ["ends", true],
  ])("a use whose return %s while the answer to a retry is out: 503, and no second invoice", async (_, isEarlier) => {
    let released = () => {};
    const store = slowStore(() => new Promise((resolve) => (released = resolve)));
    const { paywall, buy } = openShop({ useStore: store.useStore });
    const authorization = await buy("/a", terms);
    const ask = () => paywall.check(request("/a", { authorization }), terms);
    const { finish } = granted(await ask());
    let end = isEarlier ? finish(500) : undefined;
    store.slowly();
    const retry = ask();
    await expect.poll(() => store.arrive, { interval: 1 }).toHaveLength(1);
    end ??= finish(500);
    if (isEarlier) {
      released();
      await end;
    }
    store.arrive[0]?.();
    expectNoOffer(denied(await retry, "STORE_UNAVAILABLE"));
    released();
    await end;
    granted(await ask());
  });

  it("a use that a Worker cannot give back, as its request was cut off, is waited for for ten minutes", async () => {
    const store = slowStore(() => new Promise(() => {}));
    const { paywall, buy } = openShop({ useStore: store.useStore });
    const authorization = await buy("/a", terms);
    const ask = () => paywall.check(request("/a", { authorization }), terms);
    vi.useFakeTimers();
    void granted(await ask()).finish("left");
    vi.clearAllTimers();
    denied(await ask(), "STORE_UNAVAILABLE");
    vi.advanceTimersByTime(600_000);
    denied(await ask(), "CREDENTIAL_USED_UP");
  });

  it("that takes a use back late: the request has ended, and whose use it is is not asked to pay again", async () => {
    let released = () => {};
    const store = slowStore(() => new Promise((resolve) => (released = resolve)));
    const { paywall, buy, events } = openShop({ useStore: store.useStore });
    const authorization = await buy("/a", terms);
    const ask = () => paywall.check(request("/a", { authorization }), terms);
    const decision = granted(await ask());
    vi.useFakeTimers();
    const ended = decision.finish(500);
    await vi.advanceTimersByTimeAsync(3000);
    await ended;
    expect(events.at(-1)).toMatchObject({ type: "failed", what: "release", error: { code: "STORE_UNAVAILABLE" } });
    await vi.advanceTimersByTimeAsync(60_000);
    expectNoOffer(denied(await ask(), "STORE_UNAVAILABLE"));
    released();
    await vi.advanceTimersByTimeAsync(0);
    granted(await ask());
    denied(await ask(), "CREDENTIAL_USED_UP");
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
    const terms = { price: 10, uses: 5 };
    const memory = createMemoryUseStore({ clock: fakeClock() });
    let broken = false;
    const useStore: UseStore = {
      // The pass itself is counted last; its key is the bare hash.
      consume: (use) => (broken && !use.key.includes(":") ? down() : memory.consume(use)),
      release: memory.release,
    };
    const { paywall, buy } = openShop({ useStore });
    const [token, preimage] = (await buy("/a", terms)).replace("L402 ", "").split(":") as [string, string];
    const authorization = `L402 ${attenuateToken(token, { uses: 1 })}:${preimage}`;
    broken = true;
    denied(await paywall.check(request("/a", { authorization }), terms), "STORE_UNAVAILABLE");
    broken = false;
    const decision = granted(await paywall.check(request("/a", { authorization }), terms));
    expect(decision.payment.remainingUses).toBe(0);
    await decision.finish(500);
    granted(await paywall.check(request("/a", { authorization }), terms));
    denied(await paywall.check(request("/a", { authorization }), terms), "CREDENTIAL_USED_UP");
    expect(
      granted(await paywall.check(request("/a", { authorization: `L402 ${token}:${preimage}` }), terms)).payment
        .remainingUses,
    ).toBe(3);
  });

  const narrowed = (authorization: string, ...limits: number[]) => {
    const [token, preimage] = authorization.replace("L402 ", "").split(":") as [string, string];
    return `L402 ${limits.reduce((held, uses) => attenuateToken(held, { uses }), token)}:${preimage}`;
  };

  it.each([
    ["signed JSON", signedJsonFormat()],
    ["macaroons", macaroonFormat()],
  ])("more than two limits that holders added: 401, and the store is not asked (%s)", async (_, tokenFormat) => {
    const memory = createMemoryUseStore({ clock: fakeClock() });
    const consume = vi.fn(memory.consume);
    // Plays a holder who ignores the limits that attenuateToken sets.
    const stubborn: TokenFormat = {
      ...tokenFormat,
      async authenticate(token, keys) {
        const { claims, caveats } = (await tokenFormat.authenticate(token, keys)) as AuthenticToken;
        return { claims, caveats: [...caveats, { type: "uses", uses: 3, id: "third" }] };
      },
    };
    const shop = openShop({ tokenFormat, useStore: { ...memory, consume } });
    const authorization = narrowed(await shop.buy("/a", { ...terms, uses: 5 }), 5, 4);
    const asking = request("/a", { authorization });
    const fixed = { ...terms, uses: 5 };
    const decision = await shop.open({ tokenFormat: stubborn }).gate(fixed)(asking);
    expect(denied(decision, "CREDENTIAL_MALFORMED").reply.status).toBe(401);
    expectNoOffer(decision);
    expect(consume).not.toHaveBeenCalled();
    granted(await shop.paywall.gate(fixed)(asking));
    expect(consume).toHaveBeenCalledTimes(3);
  });

  it("the narrowest is asked first, the pass itself last", async () => {
    const memory = createMemoryUseStore({ clock: fakeClock() });
    const consume = vi.fn(memory.consume);
    const { paywall, buy } = openShop({ useStore: { ...memory, consume } });
    const gate = paywall.gate({ ...terms, uses: 9 });
    granted(await gate(request("/a", { authorization: narrowed(await buy("/a", { ...terms, uses: 9 }), 5, 4) })));
    expect(consume.mock.calls.map(([{ limit }]) => limit)).toEqual([4, 5, 9]);
    const [[newest], [older], [pass]] = consume.mock.calls as unknown as [[Use], [Use], [Use]];
    expect(new Set([newest.key, older.key, pass.key]).size).toBe(3);
    expect(newest.key.split(":")[0]).toBe(pass.key);
  });

  it("sub-tokens of an unlimited pass are counted together as well, so that their number is bounded", async () => {
    const memory = createMemoryUseStore({ clock: fakeClock() });
    const consume = vi.fn(memory.consume);
    const { paywall, buy } = openShop({ useStore: { ...memory, consume } });
    const pass = { ...terms, uses: "unlimited" } as const;
    const full = await buy("/a", pass);
    const gate = paywall.gate(pass);
    granted(await gate(request("/a", { authorization: full })));
    expect(consume).not.toHaveBeenCalled();
    const decision = granted(await gate(request("/a", { authorization: narrowed(full, 3) })));
    expect(decision.payment.remainingUses).toBe(2);
    const { paymentHash } = decision.payment;
    expect(consume.mock.calls.map(([{ key, limit }]) => [key === paymentHash, limit])).toEqual([
      [false, 3],
      [true, 100_000],
    ]);
  });

  it("gives back all that it can when one cannot be given back, and tells of the first failure", async () => {
    const memory = createMemoryUseStore({ clock: fakeClock() });
    const release = vi
      .fn(memory.release as UseStore["release"])
      .mockImplementationOnce(() => Promise.reject(Object.assign(new Error("x"), { code: "ECONNRESET" })))
      .mockImplementationOnce(down);
    const { paywall, buy, events } = openShop({ useStore: { ...memory, release } });
    const five = { ...terms, uses: 5 };
    const authorization = narrowed(await buy("/a", five), 5, 4);
    const decision = granted(await paywall.check(request("/a", { authorization }), five));
    await decision.finish(500);
    expect(release).toHaveBeenCalledTimes(3);
    expect(events.at(-1)).toMatchObject({
      what: "release",
      error: { code: "STORE_UNAVAILABLE", message: "The use store failed (ECONNRESET)." },
    });
    // The pass has all of its uses again.
    expect(memory.size).toBe(2);
  });

  it("a store that cannot even take back what was taken: the refusal stays what it is", async () => {
    const memory = createMemoryUseStore({ clock: fakeClock() });
    const consume = (use: Use) => (use.key.includes(":") ? memory.consume(use) : false);
    const { paywall, buy } = openShop({ useStore: { consume, release: down } });
    const five = { ...terms, uses: 5 };
    const authorization = narrowed(await buy("/a", five), 5);
    denied(await paywall.check(request("/a", { authorization }), five), "CREDENTIAL_USED_UP");
  });
});
