import type { LightningWallet } from "@l402/core";
import { describe, expect, it } from "vitest";
import { createMemoryClientStore, type L402ClientOptions, type Quote } from "../src/index.ts";
import { openShop, SHOP } from "./shop.ts";

const EXCEEDED = { code: "BUDGET_EXCEEDED", fundsMoved: "no" };
const url = `${SHOP}/weather`;
const priced = (price: number) => ({ "/weather": { terms: { price } } });

/** The error of a request that must not be paid. */
async function refusalOf(buyer: { fetch: typeof fetch }, at = url) {
  const error = await buyer.fetch(at).catch((thrown) => thrown);
  expect(error).toMatchObject(EXCEEDED);
  return error;
}

describe("a budget", () => {
  it("allows 1000 sats for a request where nothing else is said", async () => {
    expect((await openShop(priced(1000)).client().fetch(url)).status).toBe(200);
    const error = await refusalOf(openShop(priced(1001)).client());
    expect(error.message).toBe("budget.perRequestSats is 1000 sats; this costs 1001 sats.");
    expect(error.retryable).toBe(false);
  });

  it("keeps the limit for a request where only others are set, and where it is set to undefined", async () => {
    await refusalOf(openShop(priced(1001)).client({ budget: { totalSats: 1_000_000 } }));
    const { client } = openShop(priced(1001));
    expect((await refusalOf(client({ budget: { perRequestSats: undefined } }))).message).toContain("is 1000 sats");
  });

  it("of zero pays nothing", async () => {
    for (const name of ["perRequestSats", "perOriginSats", "perHourSats", "perDaySats", "totalSats"]) {
      const { client, lightning } = openShop(priced(1));
      expect((await refusalOf(client({ budget: { [name]: 0 } }))).message).toContain(`budget.${name} is 0 sats`);
      expect(lightning.calls.payInvoice).toBe(0);
    }
  });

  it("counts to the millisat, and rounds nothing down", async () => {
    const { client } = openShop({ "/weather": { terms: { price: { msat: 10_001 } } } });
    await refusalOf(client({ budget: { perRequestSats: 10 } }));
    expect((await client({ budget: { perRequestSats: 11 } }).fetch(url)).status).toBe(200);
  });

  it("includes the fee: a wallet never gets more for it than what is left", async () => {
    const limits: number[] = [];
    const shop = openShop(priced(100));
    const wallet: LightningWallet = {
      ...shop.lightning.wallet,
      payInvoice(input) {
        limits.push(input.maxFeeMsat);
        return shop.lightning.wallet.payInvoice(input);
      },
    };
    await shop.client({ wallet }).fetch(url);
    await shop.client({ wallet, maxFeeSats: 3 }).fetch(url);
    await shop.client({ wallet, budget: { perRequestSats: 104 } }).fetch(url);
    await shop.client({ wallet, budget: { perRequestSats: 100 } }).fetch(url);
    await shop.client({ wallet, maxFeeSats: 50, budget: { totalSats: 120 } }).fetch(url);
    expect(limits).toEqual([10_000, 3_000, 4_000, 0, 20_000]);
  });

  it("counts the fee that was paid, and not the one that was allowed", async () => {
    const { client } = openShop(priced(100), { node: { feeMsat: 1_500 } });
    const buyer = client({ budget: { totalSats: 203 } });
    for (let i = 0; i < 2; i++) expect((await buyer.fetch(url)).status).toBe(200);
    expect(await buyer.spending()).toMatchObject({ totalMsat: 203_000, hourMsat: 203_000, pendingMsat: 0 });
    await refusalOf(buyer);
  });

  it("that leaves too little for the fee is why a payment fails, and the error says so", async () => {
    const { client } = openShop(priced(100), { node: { feeMsat: 1_500 } });
    const error = await client({ budget: { perRequestSats: 101 } })
      .fetch(url)
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "PAYMENT_FAILED", fundsMoved: "no" });
    expect(error.message).toContain("pay 100 sats with a fee of at most 1 sat:");
  });

  it("has to hold the fee that a wallet without a limit of its own may take", async () => {
    const shop = openShop(priced(100));
    const wallet = { ...shop.lightning.wallet, feeReserveMsat: () => 5_000 };
    const error = await refusalOf(shop.client({ wallet, budget: { perRequestSats: 104 } }));
    expect(error.message).toContain("this costs 105 sats");
    expect((await shop.client({ wallet, budget: { perRequestSats: 105 } }).fetch(url)).status).toBe(200);
  });

  it("maxFeeSats holds for a wallet without a limit of its own, too", async () => {
    const limits: number[] = [];
    const shop = openShop(priced(100));
    const wallet: LightningWallet = {
      ...shop.lightning.wallet,
      feeReserveMsat: () => 5_000,
      payInvoice(input) {
        limits.push(input.maxFeeMsat);
        return shop.lightning.wallet.payInvoice(input);
      },
    };
    for (const maxFeeSats of [0, 4]) {
      const error = await refusalOf(shop.client({ wallet, maxFeeSats }));
      expect(error.message).toBe(`maxFeeSats is ${maxFeeSats}; this wallet may take 5 sats.`);
    }
    for (const maxFeeSats of [5, 6]) await shop.client({ wallet, maxFeeSats }).fetch(url);
    expect(limits).toEqual([5_000, 6_000]);
  });

  it("cannot be stretched by what a wallet says about fees", async () => {
    for (const reserve of [-50_000, Number.NaN, Number.NEGATIVE_INFINITY, undefined as never]) {
      const shop = openShop(priced(100));
      const wallet = { ...shop.lightning.wallet, feeReserveMsat: () => reserve };
      await refusalOf(shop.client({ wallet, budget: { perRequestSats: 99 } }));
    }
    for (const feeMsat of [-1_000_000, Number.NaN, 0.5, "1" as never]) {
      const shop = openShop(priced(100));
      const lying: LightningWallet = {
        ...shop.lightning.wallet,
        async payInvoice(input) {
          const result = await shop.lightning.wallet.payInvoice(input);
          return result.status === "paid" ? { ...result, feeMsat } : result;
        },
      };
      const buyer = shop.client({ wallet: lying });
      await buyer.fetch(url);
      // The payment counts with the highest fee that was allowed.
      expect((await buyer.spending()).totalMsat).toBe(110_000);
    }
  });
});

describe("what was bought", () => {
  it("is kept a hundred times for a path: those that are used up go first, and then the oldest", async () => {
    const terms = ({ url }: Request) => ({ price: 10, uses: 5, resource: new URL(url).search });
    const { client } = openShop({ "/search": { terms } });
    const store = createMemoryClientStore();
    const buyer = client({ store });
    await buyer.fetch(`${SHOP}/search?0`);
    store.update((text) => {
      const state = JSON.parse(text as string);
      const [list] = Object.values(state.credentials) as [object[]];
      for (let i = 1; i < 100; i++) list.push({ ...list[0], paymentHash: `${i}`, usesLeft: i < 98 ? 5 : 0 });
      // It is owed, until the seller has served what is bought next.
      Object.assign(list[98] as object, { unaccepted: "sent" });
      return JSON.stringify(state);
    });
    const kept = async () => {
      const { credentials } = JSON.parse((await store.read()) as string);
      return Object.values<{ paymentHash: string }[]>(credentials).flatMap((list) =>
        list.map((each) => each.paymentHash),
      );
    };
    const all = await kept();
    for (const [i, left] of [all.slice(0, 99), all.slice(0, 98), all.slice(1, 98)].entries()) {
      expect((await buyer.fetch(`${SHOP}/search?${i + 1}`)).status).toBe(200);
      const now = await kept();
      expect(now).toHaveLength(100);
      expect(now.slice(0, left.length)).toEqual(left);
    }
  });

  it("is not pushed out by cheap pages, of many origins either: the cheapest go, and of these the oldest", async () => {
    const { client, lightning } = openShop({
      "/pass": { terms: { price: 100, uses: 50 } },
      "/page": { terms: { price: 1, uses: 50 } },
    });
    const store = createMemoryClientStore();
    const buyer = client({ store });
    await buyer.fetch(`${SHOP}/pass`);
    const page = (i: number) => `https://s${i}.example/page`;
    store.update((text) => {
      const state = JSON.parse(text as string);
      const [[pass]] = Object.values(state.credentials) as [[{ scope: { key: string } }]];
      state.credentials[pass.scope.key].push({ ...pass, paymentHash: "over", usesLeft: 0 });
      for (let i = 0; i < 999; i++) {
        const key = `GET ${page(i)}`;
        const scope = { ...pass.scope, key, origin: new URL(page(i)).origin };
        // The first two entries are the dearest, but one has expired, and the other is used up. The third is owed.
        const worthless = [{ validUntil: 1, unaccepted: "unserved" }, { usesLeft: 0 }][i];
        const amountMsat = worthless ? 900_000 : 1_000;
        state.credentials[key] = [{ ...pass, paymentHash: `${i}`, scope, amountMsat, ...worthless }];
        if (i === 2) state.credentials[key].push({ ...state.credentials[key][0], unaccepted: "unserved" });
      }
      return JSON.stringify(state);
    });
    for (const i of [2000, 3000, 4000, 5000]) await buyer.fetch(page(i));
    const kept = Object.keys(JSON.parse((await store.read()) as string).credentials);
    const pages = [2, ...[...Array(995).keys()].map((i) => i + 4), 2000, 3000, 4000, 5000];
    expect(kept).toEqual([`${SHOP}/pass`, ...pages.map(page)].map((each) => `GET ${each}`));
    expect((await buyer.fetch(`${SHOP}/pass`)).status).toBe(200);
    expect(lightning.payments).toHaveLength(5);
  });
});

describe("a payment that is sent again", () => {
  /**
   * A buyer dies before its wallet gets the order to pay 900 sats. Another buyer, with other rules, wants the same
   * thing.
   */
  async function afterCrash() {
    const { client, lightning, clock } = openShop(priced(900));
    const store = createMemoryClientStore();
    const down = { ...lightning.wallet, payInvoice: async () => ({ status: "unknown", reason: "no line" }) as const };
    await expect(client({ store, wallet: down }).fetch(url)).rejects.toMatchObject({ code: "PAYMENT_OUTCOME_UNKNOWN" });
    clock.advanceSeconds(140);
    return { lightning, client: (options: Partial<L402ClientOptions>) => client({ store, ...options }) };
  }

  it.each<[{ checkInvoice?: [] } & Omit<Partial<L402ClientOptions>, "checkInvoice">, string]>([
    [{ budget: { perRequestSats: 5 } }, "budget.perRequestSats is 5 sats; this costs 900 sats."],
    [{ budget: { perDaySats: 899 } }, "budget.perDaySats is 899 sats; this costs 900 sats."],
    [{ approve: () => false }, "Payment declined."],
    [{ checkInvoice: [] }, "checkInvoice refused the invoice."],
  ])("has to be within today's rules: %o", async ({ checkInvoice, ...rules }, reason) => {
    const { lightning, client } = await afterCrash();
    const [old] = lightning.invoices;
    const refuseOld = ({ bolt11 }: { bolt11: string }) => {
      if (bolt11 === old?.bolt11) throw new Error("words of somebody else");
    };
    const buyer = client({ ...rules, ...(checkInvoice && { checkInvoice: refuseOld }) });
    const hash = old?.paymentHash;
    for (let i = 0; i < 2; i++) {
      const error = await buyer.fetch(url).catch((thrown) => thrown);
      expect(error).toMatchObject({ code: "PAYMENT_OUTCOME_UNKNOWN", fundsMoved: "maybe" });
      expect(error.message).toBe(`Payment ${hash} may have been made: The client does not send it again. ${reason}`);
    }
    expect(lightning.calls.payInvoice).toBe(0);
    expect((await buyer.spending()).pendingMsat).toBe(910_000);
    // A buyer without such rules can still make the payment.
    expect((await client({}).fetch(url)).status).toBe(200);
    expect(lightning.payments.map(({ paymentHash }) => paymentHash)).toEqual([hash]);
  });

  it("is what approve is asked about, and costs no more for fees than is allowed today", async () => {
    const { lightning, client } = await afterCrash();
    const quotes: Quote[] = [];
    const fees: number[] = [];
    const buyer = client({
      approve: (quote) => quotes.push(quote) > 0,
      budget: { perRequestSats: 902 },
      wallet: {
        ...lightning.wallet,
        payInvoice(input) {
          fees.push(input.maxFeeMsat);
          return lightning.wallet.payInvoice(input);
        },
      },
    });
    expect((await buyer.fetch(url)).status).toBe(200);
    const [invoice] = lightning.invoices;
    expect(quotes).toEqual([
      expect.objectContaining({ url, method: "GET", paymentHash: invoice?.paymentHash, amountMsat: 900_000 }),
    ]);
    expect(fees).toEqual([2_000]);
    expect(await buyer.spending()).toMatchObject({ totalMsat: 900_000, pendingMsat: 0 });
  });

  it("is not, where whoever was asked has left", async () => {
    const { lightning, client } = await afterCrash();
    const controller = new AbortController();
    const approve = () => {
      controller.abort("left");
      return true;
    };
    await expect(client({ approve }).fetch(url, { signal: controller.signal })).rejects.toBe("left");
    expect(lightning.calls.payInvoice).toBe(0);
    expect((await client({}).fetch(url)).status).toBe(200);
    expect(lightning.payments).toHaveLength(1);
  });
});

describe("a window", () => {
  it("of an hour slides: what is free again and when is said, and true", async () => {
    const { client, clock } = openShop(priced(10));
    const buyer = client({ budget: { perHourSats: 25 } });
    await buyer.fetch(url);
    clock.advanceSeconds(1800);
    await buyer.fetch(url);
    const error = await refusalOf(buyer);
    expect(error.retryable).toBe(true);
    expect(error.message).toMatch(/^budget\.perHourSats is 25 sats, 20 of it spent; this costs 10 sats\./);
    const frees = new Date(/again at (\S+)\.$/.exec(error.message)?.[1] ?? "");
    expect(frees.getTime() - clock().getTime()).toBeGreaterThan(1_790_000);
    clock.advanceSeconds((frees.getTime() - clock().getTime()) / 1000 - 1);
    await refusalOf(buyer);
    clock.advanceSeconds(1);
    expect((await buyer.fetch(url)).status).toBe(200);
    // The second payment is still in the window, which moves with the time.
    await refusalOf(buyer);
  });

  it("never holds more than its limit, whichever 60 minutes one looks at", async () => {
    const { client, clock, lightning } = openShop(priced(10));
    const buyer = client({ budget: { perHourSats: 30 } });
    const times: number[] = [];
    for (let minute = 0; minute < 600; minute += 7) {
      const before = lightning.payments.length;
      await buyer.fetch(url).catch(() => {});
      if (lightning.payments.length > before) times.push(clock().getTime());
      clock.advanceSeconds(7 * 60);
    }
    expect(times.length).toBeGreaterThan(20);
    for (const start of times) {
      expect(times.filter((time) => time >= start && time < start + 3_600_000).length).toBeLessThanOrEqual(3);
    }
  });

  it("of a day slides as well, and names what has to be waited for longest", async () => {
    const { client, clock } = openShop(priced(10));
    const buyer = client({ budget: { perHourSats: 10, perDaySats: 20 } });
    await buyer.fetch(url);
    expect((await refusalOf(buyer)).message).toContain("budget.perHourSats");
    clock.advanceSeconds(2 * 3600);
    await buyer.fetch(url);
    expect((await refusalOf(buyer)).message).toContain("budget.perDaySats");
    clock.advanceSeconds(22 * 3600 + 60);
    expect((await buyer.fetch(url)).status).toBe(200);
    expect(await buyer.spending()).toMatchObject({ hourMsat: 10_000, dayMsat: 20_000, totalMsat: 30_000 });
  });

  it("promises nothing where the price alone is too high, or the limit is for ever", async () => {
    for (const budget of [{ perHourSats: 9 }, { totalSats: 9 }, { perOriginSats: 9 }]) {
      const error = await refusalOf(openShop(priced(10)).client({ budget }));
      expect(error.retryable).toBe(false);
      expect(error.message).not.toContain("again");
    }
  });
});

describe("a limit for an origin", () => {
  it("is one for each origin", async () => {
    const { client, fetchShop } = openShop(priced(10));
    const anywhere: typeof fetch = (input, init) => {
      const request = new Request(input, init);
      return fetchShop(new Request(url, request));
    };
    const buyer = client({ budget: { perOriginSats: 10 }, fetch: anywhere });
    await buyer.fetch("https://a.example/weather");
    expect((await refusalOf(buyer, "https://a.example/weather")).message).toContain("budget.perOriginSats");
    expect((await buyer.fetch("https://b.example/weather")).status).toBe(200);
    expect((await buyer.fetch("https://a.example:8443/weather")).status).toBe(200);
    expect((await buyer.spending()).originsMsat).toEqual({
      "https://a.example": 10_000,
      "https://b.example": 10_000,
      "https://a.example:8443": 10_000,
    });
  });
});

describe("a budget that clients share", () => {
  it("is one, and lasts as long as the store", async () => {
    const { client, lightning } = openShop(priced(10));
    const store = createMemoryClientStore();
    const options = { store, budget: { totalSats: 100 } };
    const buyers = Array.from({ length: 10 }, () => client(options));
    const all = await Promise.allSettled(buyers.flatMap((buyer) => Array.from({ length: 5 }, () => buyer.fetch(url))));
    const served = all.filter(({ status }) => status === "fulfilled").length;
    for (const outcome of all) if (outcome.status === "rejected") expect(outcome.reason).toMatchObject(EXCEEDED);
    const late = client(options);
    const more = await Promise.allSettled(Array.from({ length: 20 }, () => late.fetch(url)));
    expect(served + more.filter(({ status }) => status === "fulfilled").length).toBe(10);
    expect(lightning.payments).toHaveLength(10);
    await refusalOf(client(options));
  });

  it("holds for both sides of a failed payment: what failed is free again", async () => {
    const { client, lightning } = openShop(priced(10));
    const buyer = client({ budget: { totalSats: 10 } });
    for (let i = 0; i < 3; i++) {
      lightning.next("payInvoice", "failed");
      await expect(buyer.fetch(url)).rejects.toMatchObject({ code: "PAYMENT_FAILED", fundsMoved: "no" });
    }
    expect((await buyer.fetch(url)).status).toBe(200);
    await refusalOf(buyer);
  });

  it("keeps reserved what may have been paid, for as long as that is not known", async () => {
    const { client, lightning, clock } = openShop({ ...priced(10), "/dear": { terms: { price: 20 } } });
    const buyer = client({ budget: { perDaySats: 30, totalSats: 35 } });
    lightning.next("payInvoice", "unknown-stuck");
    await expect(buyer.fetch(url)).rejects.toMatchObject({ code: "PAYMENT_OUTCOME_UNKNOWN", fundsMoved: "maybe" });
    expect(await buyer.spending()).toMatchObject({ totalMsat: 0, pendingMsat: 20_000 });
    const error = await buyer.fetch(`${SHOP}/dear`).catch((thrown) => thrown);
    expect(error).toMatchObject({ ...EXCEEDED, retryable: true });
    expect(error.message).toBe(
      "budget.perDaySats is 30 sats, 20 reserved; this costs 20 sats. There may be room again when payments under way end.",
    );
    clock.advanceSeconds(3 * 86_400);
    expect(await buyer.resume()).toHaveLength(1);
    expect((await buyer.spending()).pendingMsat).toBe(20_000);
    lightning.cancel(lightning.payments[0]?.paymentHash as string);
    expect(await buyer.resume()).toEqual([]);
    expect(await buyer.spending()).toMatchObject({ totalMsat: 0, pendingMsat: 0 });
  });

  it("counts what forget writes off as spent", async () => {
    const { client, lightning } = openShop(priced(10));
    const store = createMemoryClientStore();
    const buyer = client({ store });
    const another = "https://another.example";
    for (const each of [url, url.replace(SHOP, another)]) {
      lightning.next("payInvoice", "unknown-stuck");
      await buyer.fetch(each).catch(() => {});
    }
    const originsPendingMsat = { [SHOP]: 20_000, [another]: 20_000 };
    expect(await buyer.spending()).toMatchObject({ pendingMsat: 40_000, originsPendingMsat });
    expect(await buyer.forget("https://other.example")).toBe(0);
    // The other client may still be busy with the payment.
    expect(await client({ store }).forget()).toBe(0);
    expect(await buyer.forget(SHOP)).toBe(1);
    expect(await buyer.spending()).toMatchObject({ totalMsat: 20_000, pendingMsat: 20_000 });
    expect((await buyer.fetch(url)).status).toBe(200);
  });
});

describe("limits", () => {
  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, "10", null])("cannot be %s", (limit) => {
    const { client } = openShop();
    for (const name of ["perRequestSats", "perOriginSats", "perHourSats", "perDaySats", "totalSats"]) {
      expect(() => client({ budget: { [name]: limit as number } })).toThrow(
        expect.objectContaining({ code: "CONFIG_INVALID" }),
      );
    }
  });

  it("that do not exist are refused, and the one for a request cannot be taken away", () => {
    const { client } = openShop();
    expect(() => client({ budget: { perRequest: 10 } as never })).toThrow(/perRequest/);
    expect(() => client({ budget: { perRequestSats: null } as never })).toThrow(/perRequestSats/);
  });
});
