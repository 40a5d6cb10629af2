import { clientError } from "@l402/core";
import { describe, expect, it } from "vitest";
import type { L402Payment, Quote } from "../src/index.ts";
import { openSeller } from "./seller.ts";
import { openShop, SHOP } from "./shop.ts";

const url = `${SHOP}/weather`;

describe("quote", () => {
  it("says what it costs, and pays nothing", async () => {
    const { client, lightning, clock } = openShop({
      "/weather": { terms: { price: 10, uses: 3, description: "The weather" } },
    });
    const quote = await client().quote(`${url}?city=paris`, { method: "GET" });
    expect(quote).toEqual({
      url: `${url}?city=paris`,
      method: "GET",
      origin: SHOP,
      amountMsat: 10_000,
      paymentHash: lightning.invoices[0]?.paymentHash,
      expiresAt: expect.any(Date),
      description: "The weather",
      resource: "GET /weather",
      uses: 3,
    });
    expect(quote?.expiresAt.getTime()).toBeGreaterThan(clock().getTime());
    expect(lightning.calls.payInvoice).toBe(0);
  });

  it("is undefined for what is free", async () => {
    expect(await openShop().client().quote(`${SHOP}/free`)).toBeUndefined();
  });

  it("refuses what fetch would refuse", async () => {
    const seller = await openSeller();
    seller.lightning.next("createInvoice", "amountless");
    await expect(seller.client().quote(seller.url)).rejects.toMatchObject({ code: "AMOUNT_MISSING" });
  });
});

describe("approve", () => {
  it("is asked before a payment, with what was checked", async () => {
    const asked: Quote[] = [];
    const { client, lightning } = openShop();
    const approve = (quote: Quote) => {
      expect(lightning.calls.payInvoice).toBe(0);
      asked.push(quote);
      return true;
    };
    await client({ approve }).fetch(url);
    expect(asked).toMatchObject([{ url, amountMsat: 10_000 }]);
  });

  it.each([false, undefined, null, 1, "true", {}])("declines with %s", async (answer) => {
    const { client, lightning } = openShop();
    const error = await client({ approve: async () => answer as boolean })
      .fetch(url)
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "PAYMENT_DECLINED", fundsMoved: "no" });
    expect(lightning.calls.payInvoice).toBe(0);
  });

  it("declines by throwing, at once or later", async () => {
    const broken = new Error("The window was closed.");
    for (const approve of [
      () => {
        throw broken;
      },
      () => Promise.reject(broken),
    ]) {
      const { client, lightning } = openShop();
      await expect(client({ approve }).fetch(url)).rejects.toMatchObject({ code: "PAYMENT_DECLINED", cause: broken });
      expect(lightning.calls.payInvoice).toBe(0);
    }
  });

  it("is not asked for what the budget does not allow, nor for what was bought before", async () => {
    let asked = 0;
    const approve = () => ++asked > 0;
    const { client } = openShop({ "/weather": { terms: { price: 10, uses: 2 } } });
    await expect(client({ approve, budget: { totalSats: 9 } }).fetch(url)).rejects.toMatchObject({
      code: "BUDGET_EXCEEDED",
    });
    expect(asked).toBe(0);
    const buyer = client({ approve });
    await buyer.fetch(url);
    await buyer.fetch(url);
    expect(asked).toBe(1);
  });

  it("is asked once for a pass that many want at the same time", async () => {
    let asked = 0;
    const { client } = openShop({ "/weather": { terms: { price: 10, uses: "unlimited" } } });
    const buyer = client({ approve: () => ++asked > 0 });
    await Promise.all(Array.from({ length: 20 }, () => buyer.fetch(url)));
    expect(asked).toBe(1);
  });

  it("that takes too long lets the invoice expire: nothing is paid", async () => {
    const { client, clock, lightning } = openShop();
    const approve = () => {
      clock.advanceSeconds(3600);
      return true;
    };
    await expect(client({ approve }).fetch(url)).rejects.toMatchObject({ code: "INVOICE_EXPIRED", retryable: true });
    expect(lightning.calls.payInvoice).toBe(0);
  });
});

describe("onChallenge, onPayment and onError", () => {
  it("are told what happens, in order", async () => {
    const told: string[] = [];
    const { client } = openShop({ "/weather": { terms: { price: 10 } } }, { node: { feeMsat: 500 } });
    const payments: L402Payment[] = [];
    const buyer = client({
      onChallenge: ({ amountMsat }) => told.push(`challenge ${amountMsat}`),
      approve: () => told.push("approve") > 0,
      onPayment: (payment) => {
        told.push("payment");
        payments.push(payment);
      },
      onError: (error) => told.push((error as { code: string }).code),
    });
    await buyer.fetch(url);
    expect(told).toEqual(["challenge 10000", "approve", "payment"]);
    expect(payments).toMatchObject([{ origin: SHOP, resource: "GET /weather", amountMsat: 10_000, feeMsat: 500 }]);
  });

  it("hear of every error that fetch throws", async () => {
    const errors: unknown[] = [];
    const { client } = openShop();
    const buyer = client({ budget: { totalSats: 0 }, onError: (error) => errors.push(error) });
    const thrown = await buyer.fetch(url).catch((error) => error);
    expect(errors).toEqual([thrown]);
  });

  it("change nothing by failing", async () => {
    const broken = () => {
      throw new Error("broken hook");
    };
    for (const hook of [broken, async () => broken()]) {
      const { client, lightning } = openShop();
      const buyer = client({ onChallenge: hook, onPayment: hook, onError: hook });
      expect((await buyer.fetch(url)).status).toBe(200);
      expect(lightning.payments).toHaveLength(1);
    }
  });

  it("report what another hook threw", async () => {
    const errors: unknown[] = [];
    const broken = new Error("broken hook");
    const { client } = openShop();
    await client({ onPayment: () => Promise.reject(broken), onError: (error) => errors.push(error) }).fetch(url);
    await expect.poll(() => errors).toEqual([broken]);
  });
});

describe("checkInvoice", () => {
  it("sees the invoice and the origin, and refuses by throwing", async () => {
    const { client, lightning } = openShop();
    const seen: unknown[] = [];
    const checkInvoice = (invoice: unknown) => {
      seen.push(invoice);
      throw clientError("INVOICE_MISMATCH", "Not from here.");
    };
    await expect(client({ checkInvoice }).fetch(url)).rejects.toMatchObject({
      message: "Not from here.",
      fundsMoved: "no",
    });
    expect(seen).toEqual([{ origin: SHOP, bolt11: lightning.invoices[0]?.bolt11 }]);
    expect(lightning.calls.payInvoice).toBe(0);
  });
});

describe("paymentOf", () => {
  it("knows the payment of a response, and of no other", async () => {
    const { client } = openShop({ "/weather": { terms: { price: 10, uses: 2 } } });
    const buyer = client();
    const first = await buyer.fetch(url);
    const second = await buyer.fetch(url);
    const { paymentHash } = buyer.paymentOf(first) ?? {};
    expect(buyer.paymentOf(first)).toMatchObject({ paidNow: true, origin: SHOP, amountMsat: 10_000 });
    expect(buyer.paymentOf(second)).toMatchObject({ paidNow: false, paymentHash });
    expect(buyer.paymentOf(await buyer.fetch(`${SHOP}/free`))).toBeUndefined();
    expect(buyer.paymentOf(new Response())).toBeUndefined();
    expect(client().paymentOf(first)).toBeUndefined();
  });
});

describe("forget", () => {
  it("forgets one origin, or everything, and then it is bought again", async () => {
    const seller = await openSeller();
    const buyer = seller.client();
    await buyer.fetch(seller.url);
    await buyer.fetch(`${seller.origin}/other`);
    expect(await buyer.purchases()).toHaveLength(2);
    expect(await buyer.forget("https://elsewhere.example")).toBe(0);
    expect(await buyer.forget(seller.origin)).toBe(2);
    await buyer.fetch(seller.url);
    expect(seller.lightning.payments).toHaveLength(3);
    expect(await buyer.forget()).toBe(1);
    expect(await buyer.purchases()).toEqual([]);
    expect(await buyer.spending()).toMatchObject({ totalMsat: 30_000 });
  });

  it("takes any address of the origin, and refuses what is no address", async () => {
    const seller = await openSeller();
    const buyer = seller.client();
    for (const address of [`${seller.origin}/`, seller.url, `${seller.url}?a=1#b`]) {
      await buyer.fetch(seller.url);
      expect(await buyer.forget(address)).toBe(1);
    }
    await buyer.fetch(seller.url);
    await expect(buyer.forget("goods")).rejects.toThrow(TypeError);
    await expect(buyer.forget("")).rejects.toThrow(TypeError);
    expect(await buyer.purchases()).toHaveLength(1);
  });
});

describe("purchases", () => {
  it("says what can be used, how often and until when", async () => {
    const { client, clock } = openShop({ "/weather": { terms: { price: 10, uses: 3, validForSeconds: 60 } } });
    const buyer = client();
    await buyer.fetch(url);
    const [purchase] = await buyer.purchases();
    expect(purchase).toMatchObject({
      status: "paid",
      method: "GET",
      url,
      resource: "GET /weather",
      amountMsat: 10_000,
      usesLeft: 2,
    });
    expect(purchase?.validUntil).toBeInstanceOf(Date);
    clock.advanceSeconds(7200);
    expect(await buyer.purchases()).toEqual([]);
  });
});

describe("fetch", () => {
  it("is a function of its own, as fetch is", async () => {
    const { fetch } = openShop().client();
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(new URL(url))).status).toBe(200);
    expect((await fetch(new Request(url))).status).toBe(200);
    await expect(fetch("not an address")).rejects.toThrow(TypeError);
  });
});
