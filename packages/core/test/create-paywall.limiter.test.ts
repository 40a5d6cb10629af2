import { describe, expect, it, vi } from "vitest";
import {
  attenuateToken,
  type ChallengeLimiter,
  createMemoryChallengeLimiter,
  type PaywallOptions,
  type RequestEnd,
  type Terms,
} from "../src/index.ts";
import { denied, granted, offerOf, openShop, request } from "./shop.ts";

const terms = { price: 10 };
const ALICE = { clientKey: "10.0.0.1" };
const BOB = { clientKey: "10.0.0.2" };

/** A shop, and what it gives back to whom. */
function openCountingShop(options: Partial<PaywallOptions> = {}) {
  const givenBack: (string | undefined)[] = [];
  const challengeLimiter: ChallengeLimiter = {
    take: () => ({ allowed: true }),
    giveBack: (clientKey) => void givenBack.push(clientKey),
  };
  return { ...openShop({ challengeLimiter, ...options }), givenBack };
}

/** A shop with the limiter of one server, and the number of invoices that it makes for nothing. */
function openLimitedShop(options: Partial<PaywallOptions> = {}) {
  const shop = openShop(options);
  const takeAll = async (asked = ALICE) => {
    for (let unpaid = 0; ; unpaid++) {
      const decision = await shop.paywall.check(request("/a", asked), terms);
      if (denied(decision).error.code === "TOO_MANY_CHALLENGES") return unpaid;
      offerOf(decision);
    }
  };
  const use = async (authorization: string, { uses = 1, asked = ALICE, end = 200 as RequestEnd } = {}) => {
    const decision = await shop.paywall.check(request("/a", { ...asked, authorization }), { ...terms, uses });
    await granted(decision).finish(end);
  };
  return { ...shop, takeAll, use };
}

describe("invoices that are paid", () => {
  it("are not limited: one address buys as often as it pays, and gets 60 that it does not pay", async () => {
    const { buy, use, takeAll } = openLimitedShop();
    for (let i = 0; i < 200; i++) await use(await buy("/a", terms, ALICE));
    expect(await takeAll()).toBe(60);
  });

  it("are no credit for more that are not paid", async () => {
    const { buy, use, takeAll, clock } = openLimitedShop();
    const bought: string[] = [];
    for (let i = 0; i < 50; i++) bought.push(await buy("/a", terms, ALICE));
    clock.advanceSeconds(60);
    for (const authorization of bought) await use(authorization);
    expect(await takeAll()).toBe(60);
  });

  it("are worth one more, however long the buyer waits, and not a second time", async () => {
    const { buy, use, takeAll } = openLimitedShop();
    const bought = [await buy("/a", terms, ALICE), await buy("/a", terms, ALICE)];
    expect(await takeAll()).toBe(58);
    for (const authorization of bought) await use(authorization);
    expect(await takeAll()).toBe(2);
  });

  it("take from one address what they give to another", async () => {
    const { buy, use, takeAll } = openLimitedShop();
    const bought: string[] = [];
    for (let i = 0; i < 30; i++) bought.push(await buy("/a", terms, ALICE));
    expect(await takeAll(BOB)).toBe(60);
    for (const authorization of bought) await use(authorization, { asked: BOB });
    expect((await takeAll(ALICE)) + (await takeAll(BOB))).toBe(60);
  });
});

describe("the limiter hears once a payment", () => {
  const buyAndAsk = async (terms: Terms, options: Partial<PaywallOptions> = {}) => {
    const shop = openCountingShop(options);
    const authorization = await shop.buy("/a", terms, ALICE);
    const ask = async (credential = authorization, asked = ALICE) =>
      granted(await shop.paywall.check(request("/a", { ...asked, authorization: credential }), terms));
    return { ...shop, authorization, ask };
  };

  it("that it was paid, by the address that used it first", async () => {
    const { ask, givenBack } = await buyAndAsk({ price: 10, uses: 5 });
    await (await ask(undefined, BOB)).finish(200);
    for (let i = 0; i < 4; i++) await (await ask()).finish(200);
    expect(givenBack).toEqual([BOB.clientKey]);
  });

  it("however often its handler fails before it serves", async () => {
    const { ask, givenBack } = await buyAndAsk({ price: 10 });
    for (const end of [500, 503, "unserved", "left"] as const) await (await ask()).finish(end);
    expect(givenBack).toEqual([]);
    const { finish } = await ask();
    await Promise.all([finish(200), finish(200), finish(500)]);
    expect(givenBack).toEqual([ALICE.clientKey]);
  });

  it("in whatever order requests at once end", async () => {
    for (let order = 0; order < 64; order++) {
      const { ask, givenBack } = await buyAndAsk({ price: 10, uses: 3 });
      const open = [await ask(), await ask(), await ask()];
      // Three requests at once end in one of six orders and fail or not; what is given back is then used, and served.
      const ends = [0, 1, 2].map((i) => (order & (1 << i) ? 500 : 200));
      if (order & 8) open.reverse();
      if (order & 16) open.push(open.shift() as (typeof open)[0]);
      for (const [i, { finish }] of open.entries()) await finish(ends[i] as number);
      for (const end of ends) if (end === 500) await (await ask()).finish(200);
      expect(givenBack.length).toBeLessThanOrEqual(1);
      if (ends.every((end) => end === ends[0])) expect(givenBack).toHaveLength(1);
    }
  });

  it("whatever narrower tokens are made of it", async () => {
    const { ask, authorization, givenBack } = await buyAndAsk({ price: 10, uses: 9 });
    const [token, preimage] = authorization.replace("L402 ", "").split(":") as [string, string];
    for (const uses of [1, 2, 8, 9, 20]) {
      await (await ask(`L402 ${attenuateToken(token, { uses })}:${preimage}`)).finish(200);
    }
    await (await ask()).finish(200);
    expect(givenBack.length).toBeLessThanOrEqual(1);

    const whole = await buyAndAsk({ price: 10, uses: 9 });
    await (await whole.ask()).finish(200);
    for (const uses of [1, 8, 9, 20]) {
      await (
        await whole.ask(whole.authorization.replace(/(?<= )[^:]+/, (token) => attenuateToken(token, { uses })))
      ).finish(200);
    }
    expect(whole.givenBack).toHaveLength(1);
  });

  it("by whichever server", async () => {
    const { ask, givenBack, open, authorization } = await buyAndAsk({ price: 10, uses: 2 });
    await (await ask()).finish(200);
    const other = await open().check(request("/a", { authorization }), { price: 10, uses: 2 });
    await granted(other).finish(200);
    expect(givenBack).toHaveLength(1);
  });

  it("and not of an unlimited pass, whose uses nobody counts", async () => {
    const { ask, authorization, givenBack } = await buyAndAsk({ price: 10, uses: "unlimited" });
    await (await ask()).finish(200);
    await (await ask(authorization.replace(/(?<= )[^:]+/, (token) => attenuateToken(token, { uses: 1 })))).finish(200);
    expect(givenBack).toEqual([]);
  });

  it("and not of requests that were refused", async () => {
    const { ask, paywall, authorization, givenBack } = await buyAndAsk({ price: 10 });
    denied(await paywall.check(request("/b", { authorization }), terms), "CREDENTIAL_WRONG_RESOURCE");
    await (await ask()).finish(200);
    denied(await paywall.check(request("/a", { authorization }), terms), "CREDENTIAL_USED_UP");
    expect(givenBack).toHaveLength(1);
  });
});

describe("a limiter that is told of a payment", () => {
  const take = () => ({ allowed: true as const });

  it.each<[string, ChallengeLimiter["giveBack"]]>([
    [
      "throws",
      () => {
        throw new Error("password=hunter2");
      },
    ],
    ["rejects", () => Promise.reject(new Error("password=hunter2"))],
    ["is no function", 5 as never],
  ])("and %s affects nobody; the seller hears of it", async (_, giveBack) => {
    const shop = openShop({ challengeLimiter: { take, giveBack } as ChallengeLimiter });
    const authorization = await shop.buy("/a", terms);
    await granted(await shop.paywall.check(request("/a", { authorization }), terms)).finish(200);
    await vi.waitFor(() =>
      expect(shop.events.at(-1)).toMatchObject({
        type: "failed",
        what: "limiter",
        error: { code: "STORE_UNAVAILABLE" },
      }),
    );
    expect(JSON.stringify(shop.events)).not.toContain("hunter2");
  });

  it("and never answers keeps nobody waiting", async () => {
    const shop = openShop({ challengeLimiter: { take, giveBack: () => new Promise<void>(() => {}) } });
    const authorization = await shop.buy("/a", terms);
    await granted(await shop.paywall.check(request("/a", { authorization }), terms)).finish(200);
  });

  it("need not want to know", async () => {
    const shop = openShop({ challengeLimiter: { take } });
    const authorization = await shop.buy("/a", terms);
    await granted(await shop.paywall.check(request("/a", { authorization }), terms)).finish(200);
    expect(shop.events.map(({ type }) => type)).toEqual(["challenged", "denied", "granted"]);
  });

  it("hears of nobody where clients cannot be told apart", async () => {
    const shop = openCountingShop();
    const authorization = await shop.buy("/a", terms);
    const paywall = shop.open({
      clientKey: () => {
        throw new Error("no such header");
      },
    });
    await granted(await paywall.check(request("/a", { authorization }), terms)).finish(200);
    expect(shop.givenBack).toEqual([undefined]);
  });

  it("hears the address that the request had, as a connection that is closed has none", async () => {
    const shop = openCountingShop();
    const authorization = await shop.buy("/a", terms);
    let address: string | undefined = "10.0.0.1";
    const asked = { ...request("/a", { authorization }), clientKey: () => address };
    const { finish } = granted(await shop.paywall.check(asked, terms));
    address = undefined;
    await finish(200);
    expect(shop.givenBack).toEqual(["10.0.0.1"]);
  });

  it("that is the one of this package counts for all and for an IPv6 network too", async () => {
    const challengeLimiter = createMemoryChallengeLimiter({ perClientPerMinute: 1, perMinute: 5 });
    const shop = openShop({ challengeLimiter });
    for (let i = 0; i < 12; i++) {
      const asked = { clientKey: `2001:db8:1:${i.toString(16)}00::1` };
      const authorization = await shop.buy("/a", terms, asked);
      await granted(await shop.paywall.check(request("/a", { ...asked, authorization }), terms)).finish(200);
    }
  });
});
