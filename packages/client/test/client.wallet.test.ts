import { clientError, L402Error, type LightningWallet, type PaymentResult } from "@l402/core";
import { describe, expect, it, vi } from "vitest";
import { createMemoryClientStore } from "../src/index.ts";
import { openShop, SHOP } from "./shop.ts";

const url = `${SHOP}/weather`;
const UNKNOWN = { code: "PAYMENT_OUTCOME_UNKNOWN", fundsMoved: "maybe", retryable: true };

/** A shop, and a buyer with a wallet that the test controls. */
function openWith(change: (wallet: LightningWallet) => Partial<LightningWallet>) {
  const shop = openShop({ "/weather": { terms: { price: 10 } }, "/other": { terms: { price: 10 } } });
  const wallet = { ...shop.lightning.wallet, ...change(shop.lightning.wallet) };
  return { ...shop, buyer: shop.client({ wallet }), wallet };
}

describe("a wallet that paid without a preimage", () => {
  it.each(["wrong-preimage", "zero-preimage", "empty-preimage"] as const)(
    "(%s) is told apart, and nothing more is paid from it",
    async (fault) => {
      const { client, lightning } = openShop({
        "/weather": { terms: { price: 10 } },
        "/other": { terms: { price: 10 } },
      });
      const buyer = client();
      lightning.always("payInvoice", fault);
      await expect(buyer.fetch(url)).rejects.toMatchObject({ code: "WALLET_NO_PREIMAGE", fundsMoved: "yes" });
      expect(await buyer.spending()).toMatchObject({ totalMsat: 10_000, pendingMsat: 0 });
      for (const path of ["/weather", "/other"]) {
        await expect(buyer.fetch(SHOP + path)).rejects.toMatchObject({ code: "WALLET_NO_PREIMAGE", fundsMoved: "no" });
      }
      expect(lightning.payments).toHaveLength(1);
      expect(await buyer.purchases()).toEqual([]);
    },
  );

  it("is not asked to pay by the next program either, until the payment is forgotten", async () => {
    const { client, lightning } = openShop({ "/weather": { terms: { price: 10 } } });
    const store = createMemoryClientStore();
    lightning.next("payInvoice", "wrong-preimage");
    await expect(client({ store }).fetch(url)).rejects.toMatchObject({ code: "WALLET_NO_PREIMAGE", fundsMoved: "yes" });
    const next = client({ store });
    const error = await next.fetch(url).catch((thrown) => thrown);
    const paymentHash = lightning.payments[0]?.paymentHash as string;
    expect(error).toMatchObject({ code: "WALLET_NO_PREIMAGE", fundsMoved: "no" });
    expect(error.message).toContain(paymentHash);
    const other = client({ store, wallet: { ...lightning.wallet, name: "another" } });
    expect((await other.fetch(url)).status).toBe(200);
    await expect(client({ store }).fetch(url)).rejects.toMatchObject({ code: "WALLET_NO_PREIMAGE", fundsMoved: "no" });
    expect(lightning.payments).toHaveLength(2);
  });

  it("is asked again when the payment is forgotten", async () => {
    const { client, lightning } = openShop({ "/weather": { terms: { price: 10 } } });
    const buyer = client();
    lightning.next("payInvoice", "wrong-preimage");
    await expect(buyer.fetch(url)).rejects.toMatchObject({ code: "WALLET_NO_PREIMAGE" });
    expect(await buyer.forget({ paymentHash: "0".repeat(64) })).toBe(0);
    await expect(buyer.fetch(url)).rejects.toMatchObject({ code: "WALLET_NO_PREIMAGE" });
    expect(await buyer.forget({ paymentHash: lightning.payments[0]?.paymentHash as string })).toBe(1);
    expect((await buyer.fetch(url)).status).toBe(200);
  });

  it("is not asked again after another one that did the same", async () => {
    const { client, lightning } = openShop();
    const store = createMemoryClientStore();
    lightning.always("payInvoice", "empty-preimage");
    const asked: unknown[] = [];
    for (const name of ["one", "two", "one", "two"]) {
      const buyer = client({ store, wallet: { ...lightning.wallet, name } });
      asked.push(await buyer.fetch(url).catch(({ code, fundsMoved }) => [code, fundsMoved]));
    }
    expect(asked).toEqual(["yes", "yes", "no", "no"].map((fundsMoved) => ["WALLET_NO_PREIMAGE", fundsMoved]));
  });

  it("is not asked by a payment that waited for room in the budget either", async () => {
    const shop = openShop({ "/weather": { terms: { price: 10 } }, "/other": { terms: { price: 10 } } });
    shop.lightning.always("payInvoice", "empty-preimage");
    // There is room for both, but not for the highest fees of both.
    const buyer = shop.client({ budget: { totalSats: 25 } });
    const outcomes = await Promise.allSettled(["/weather", "/other"].map((path) => buyer.fetch(SHOP + path)));
    expect(outcomes).toMatchObject(["yes", "no"].map((fundsMoved) => ({ reason: { fundsMoved } })));
    expect(shop.lightning.payments).toHaveLength(1);
  });

  it.each([undefined, null, 42, "z".repeat(64), "ab", {}, []])("is one that answers %s", async (preimage) => {
    const { buyer } = openWith((wallet) => ({
      async payInvoice(input) {
        const result = await wallet.payInvoice(input);
        return { ...result, preimage } as PaymentResult;
      },
    }));
    await expect(buyer.fetch(url)).rejects.toMatchObject({ code: "WALLET_NO_PREIMAGE", fundsMoved: "yes" });
  });
});

describe("a wallet whose backend made a payment and shows no preimage", () => {
  const unproven = { status: "unknown", reason: "no preimage", withoutPreimage: true } as const;

  it("is not asked to pay by the next program either", async () => {
    const { client, lightning } = openShop({
      "/weather": { terms: { price: 10 } },
      "/other": { terms: { price: 10 } },
    });
    const store = createMemoryClientStore();
    const { wallet } = lightning;
    let asked = 0;
    const mute: LightningWallet = {
      ...wallet,
      async payInvoice(input) {
        asked++;
        await wallet.payInvoice(input);
        return unproven;
      },
      lookupPayment: async () => unproven,
    };
    for (const path of ["/weather", "/other", "/other"]) {
      const buyer = client({ store, wallet: mute });
      await expect(buyer.fetch(SHOP + path)).rejects.toMatchObject({ code: "WALLET_NO_PREIMAGE" });
    }
    expect(asked).toBe(1);
    expect((await client({ store, wallet: { ...wallet, name: "another" } }).fetch(`${SHOP}/other`)).status).toBe(200);
  });

  it("is none that says no to that", async () => {
    const unknown = { status: "unknown", reason: "no line", withoutPreimage: false } as const;
    const { buyer } = openWith(() => ({ payInvoice: async () => unknown, lookupPayment: async () => unknown }));
    await expect(buyer.fetch(url)).rejects.toMatchObject(UNKNOWN);
  });

  it.each(["when it pays", "when it is asked later"])("(%s) is not asked to pay again", async (when) => {
    let shows = false;
    const { buyer, lightning } = openWith((wallet) => ({
      async payInvoice(input) {
        const paid = await wallet.payInvoice(input);
        if (shows) return paid;
        return when === "when it pays" ? unproven : { status: "unknown", reason: "no line" };
      },
      async lookupPayment(hash) {
        if (shows) return wallet.lookupPayment(hash);
        return when === "when it pays" ? { status: "unknown", reason: "no line" } : unproven;
      },
    }));
    await expect(buyer.fetch(url)).rejects.toMatchObject({ code: "WALLET_NO_PREIMAGE", fundsMoved: "yes" });
    for (let i = 0; i < 3; i++) {
      const other = buyer.fetch(`${SHOP}/other`);
      await expect(other).rejects.toMatchObject({ code: "WALLET_NO_PREIMAGE", fundsMoved: "no" });
      await expect(buyer.fetch(url)).rejects.toMatchObject({ fundsMoved: when === "when it pays" ? "maybe" : "yes" });
    }
    expect(lightning.calls.payInvoice).toBe(1);
    const reserved = { pendingMsat: 20_000, originsPendingMsat: { [SHOP]: 20_000 } };
    expect(await buyer.spending()).toMatchObject({ totalMsat: 0, ...reserved });
    // The preimage is good even if it comes late.
    shows = true;
    expect((await buyer.fetch(url)).status).toBe(200);
    expect((await buyer.fetch(`${SHOP}/other`)).status).toBe(200);
    expect(lightning.calls.payInvoice).toBe(2);
    expect(await buyer.spending()).toMatchObject({ totalMsat: 20_000, pendingMsat: 0, originsPendingMsat: {} });
  });
});

describe("a wallet whose answer cannot be understood", () => {
  it.each([undefined, null, {}, { status: "ok" }, { status: "PAID" }, "paid", 1, [], { status: "unknown" }])(
    "(%s) may have paid, and is not asked to pay for the same again",
    async (answer) => {
      const { buyer, lightning } = openWith(() => ({
        payInvoice: async () => answer as never,
        lookupPayment: async () => answer as never,
      }));
      await expect(buyer.fetch(url)).rejects.toMatchObject(UNKNOWN);
      await expect(buyer.fetch(url)).rejects.toMatchObject(UNKNOWN);
      expect(await buyer.spending()).toMatchObject({ totalMsat: 0, pendingMsat: 20_000 });
      expect(lightning.invoices).toHaveLength(2);
      expect(await buyer.resume()).toHaveLength(1);
    },
  );

  it("is one that throws, at once or later", async () => {
    for (const payInvoice of [
      () => {
        throw new Error("broken");
      },
      async () => {
        throw new Error("broken");
      },
      async () => {
        throw clientError("PAYMENT_OUTCOME_UNKNOWN");
      },
      async () => {
        throw "a string";
      },
    ]) {
      const { buyer } = openWith(() => ({ payInvoice, lookupPayment: payInvoice }));
      await expect(buyer.fetch(url)).rejects.toMatchObject(UNKNOWN);
      expect((await buyer.spending()).pendingMsat).toBe(20_000);
    }
  });

  it("is believed where it is certain that nothing moved", async () => {
    const { buyer, lightning } = openWith(() => ({
      payInvoice: async () => {
        throw new L402Error("PROVIDER_UNAUTHORIZED", "The key is wrong.");
      },
    }));
    await expect(buyer.fetch(url)).rejects.toMatchObject({ code: "PROVIDER_UNAUTHORIZED", fundsMoved: "no" });
    expect(await buyer.spending()).toMatchObject({ totalMsat: 0, pendingMsat: 0 });
    expect(lightning.payments).toEqual([]);
  });
});

describe("a wallet that hangs", () => {
  it("is waited for as long as it may pay and a little longer, and then asked what became of it", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { buyer, lightning } = openWith(() => ({ payInvoice: () => new Promise(() => {}) }));
    const done = expect(buyer.fetch(url)).rejects.toMatchObject(UNKNOWN);
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1), { interval: 1 });
    await vi.advanceTimersByTimeAsync(74_000);
    expect(lightning.calls.lookupPayment).toBe(0);
    await vi.advanceTimersByTimeAsync(1_000);
    await done;
    expect(lightning.calls.lookupPayment).toBe(1);
    vi.useRealTimers();
    expect((await buyer.spending()).pendingMsat).toBeGreaterThan(0);
  });

  it("keeps its payment when it answers after all: the next request finds it", async () => {
    const { buyer, lightning } = openWith((wallet) => ({
      async payInvoice(input) {
        await wallet.payInvoice(input);
        return { status: "unknown", reason: "timeout" };
      },
    }));
    expect((await buyer.fetch(url)).status).toBe(200);
    expect(lightning.payments).toHaveLength(1);
  });
});

describe("a payment whose outcome is open", () => {
  it("is asked about by requests for the same, once for all of them, and not by others, which go on", async () => {
    const { client, lightning } = openShop({
      "/weather": { terms: { price: 10 } },
      "/other": { terms: { price: 10 } },
    });
    const buyer = client();
    lightning.next("payInvoice", "unknown-stuck");
    await expect(buyer.fetch(url)).rejects.toMatchObject(UNKNOWN);
    expect((await buyer.fetch(`${SHOP}/other`)).status).toBe(200);
    const { lookupPayment } = lightning.calls;
    const again = await Promise.allSettled([buyer.fetch(url), buyer.fetch(url), buyer.fetch(url)]);
    for (const outcome of again) expect(outcome).toMatchObject({ status: "rejected", reason: UNKNOWN });
    expect(lightning.calls.lookupPayment).toBe(lookupPayment + 1);
    expect(lightning.payments).toHaveLength(2);
    expect(await buyer.purchases()).toMatchObject([{ status: "unknown", url, method: "GET", amountMsat: 10_000 }]);
  });

  it("that failed in the end is paid for anew", async () => {
    const { client, lightning } = openShop();
    const buyer = client();
    lightning.next("payInvoice", "unknown-stuck");
    await expect(buyer.fetch(url)).rejects.toMatchObject(UNKNOWN);
    lightning.cancel(lightning.payments[0]?.paymentHash as string);
    expect((await buyer.fetch(url)).status).toBe(200);
    expect(await buyer.spending()).toMatchObject({ totalMsat: 10_000, pendingMsat: 0 });
  });

  it("that the wallet has never heard of is sent once more, the very same", async () => {
    let isDown = true;
    const { buyer, lightning } = openWith((wallet) => ({
      payInvoice: async (input) => (isDown ? { status: "unknown", reason: "no line" } : wallet.payInvoice(input)),
    }));
    await expect(buyer.fetch(url)).rejects.toMatchObject(UNKNOWN);
    isDown = false;
    expect((await buyer.fetch(url)).status).toBe(200);
    expect(lightning.payments.map(({ paymentHash }) => paymentHash)).toEqual([lightning.invoices[0]?.paymentHash]);
  });

  it("that another process sent is not known by the failure of an earlier attempt, as long as it may be late", async () => {
    const store = createMemoryClientStore();
    const { client, lightning, clock } = openShop();
    const late = { ...lightning.wallet, payInvoice: async () => ({ status: "unknown" as const, reason: "no line" }) };
    await expect(client({ store, wallet: late }).fetch(url)).rejects.toMatchObject(UNKNOWN);
    const lookupPayment = async () => ({ status: "failed" as const, reason: "no route" });
    const restarted = client({ store, wallet: { ...lightning.wallet, lookupPayment } });
    clock.advanceSeconds(121);
    expect(await restarted.resume()).toEqual([lightning.invoices[0]?.paymentHash]);
    clock.advanceSeconds(15);
    expect(await restarted.resume()).toEqual([]);
    expect(await restarted.spending()).toMatchObject({ totalMsat: 0, pendingMsat: 0 });
  });

  it.each(["not-found", "failed"] as const)(
    "that another wallet began is not ended by what this one says (%s)",
    async (status) => {
      const store = createMemoryClientStore();
      const { client, lightning, clock } = openShop();
      const began: LightningWallet = {
        ...lightning.wallet,
        name: "a",
        async payInvoice(input) {
          await lightning.wallet.payInvoice(input);
          return { status: "unknown", reason: "no line" };
        },
      };
      const offline = { ...began, lookupPayment: async () => ({ status: "unknown" as const, reason: "no line" }) };
      await expect(client({ store, wallet: offline }).fetch(url)).rejects.toMatchObject(UNKNOWN);
      const hash = lightning.invoices[0]?.paymentHash as string;
      const lookupPayment = async () => ({ status, reason: "no route" });
      const other = client({ store, wallet: { ...lightning.wallet, name: "b", lookupPayment } });
      for (const seconds of [140, 4000]) {
        clock.advanceSeconds(seconds);
        const error = await other.fetch(url).catch((thrown) => thrown);
        expect(error).toMatchObject(UNKNOWN);
        expect(error.message).toBe(`Payment ${hash} may have been made: It was begun with the wallet "a".`);
        expect(await other.resume()).toEqual([hash]);
      }
      expect(lightning.calls.payInvoice).toBe(1);
      expect(await client({ store, wallet: began }).resume()).toEqual([]);
      expect(await other.spending()).toMatchObject({ totalMsat: 10_000, pendingMsat: 0 });
    },
  );

  it("that two processes take up at the same time is sent by one of them", async () => {
    const store = createMemoryClientStore();
    const { client, lightning, clock } = openShop();
    const offline = {
      ...lightning.wallet,
      payInvoice: async () => ({ status: "unknown" as const, reason: "no line" }),
    };
    await expect(client({ store, wallet: offline }).fetch(url)).rejects.toMatchObject(UNKNOWN);
    clock.advanceSeconds(140);
    const sent: string[] = [];
    const slow: LightningWallet = {
      ...lightning.wallet,
      async payInvoice(input) {
        sent.push(input.bolt11);
        await new Promise((resolve) => setTimeout(resolve, 50));
        return lightning.wallet.payInvoice(input);
      },
    };
    const [one, two] = [1, 2].map(() => client({ store, wallet: slow }).fetch(url));
    const outcomes = await Promise.allSettled([one, two]);
    expect(sent).toEqual([lightning.invoices[0]?.bolt11]);
    expect(outcomes.map((each) => (each.status === "fulfilled" ? 200 : each.reason.code)).sort()).toEqual([
      200,
      "PAYMENT_OUTCOME_UNKNOWN",
    ]);
    expect(await client({ store }).spending()).toMatchObject({ totalMsat: 10_000, pendingMsat: 0 });
  });

  it("that the wallet never sent ends when the invoice has expired, and a minute has passed", async () => {
    const { buyer, lightning, clock } = openWith(() => ({
      payInvoice: async () => ({ status: "unknown", reason: "no line" }),
    }));
    await expect(buyer.fetch(url)).rejects.toMatchObject(UNKNOWN);
    const left = Number(lightning.invoices[0]?.expiresAt) - clock().getTime();
    clock.advanceSeconds(left / 1000 + 59);
    expect(await buyer.resume()).toHaveLength(1);
    clock.advanceSeconds(1);
    expect(await buyer.resume()).toEqual([]);
    expect(await buyer.spending()).toMatchObject({ totalMsat: 0, pendingMsat: 0 });
  });

  it("survives a store that fails at that moment", async () => {
    const memory = createMemoryClientStore();
    let fails = false;
    const errors: unknown[] = [];
    const told: unknown[] = [];
    const { client, lightning } = openShop();
    const buyer = client({
      onPayment: (payment) => told.push(payment),
      store: {
        read: () => memory.read(),
        update: async (change) => {
          if (fails) throw new Error("disk full at /secret/path");
          await memory.update(change);
        },
      },
      wallet: {
        ...lightning.wallet,
        async payInvoice(input) {
          const result = await lightning.wallet.payInvoice(input);
          fails = told.length === 0;
          return result;
        },
      },
      onError: (error) => errors.push(error),
    });
    // The request was paid for and served. The failure of the store goes to `onError`.
    expect((await buyer.fetch(url)).status).toBe(200);
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) expect(error).toMatchObject({ code: "STORE_UNAVAILABLE" });
    fails = false;
    // The payment is still written down as open, so that `resume` finds and books it.
    expect(await buyer.resume()).toEqual([]);
    expect(await buyer.spending()).toMatchObject({ totalMsat: 10_000, pendingMsat: 0 });
    expect(told).toHaveLength(1);
    // The use may be gone, and is: the next request finds out, and the one after it buys anew.
    await expect(buyer.fetch(url)).rejects.toMatchObject({ message: expect.stringContaining("it counted a use") });
    expect((await buyer.fetch(url)).status).toBe(200);
    expect(told).toHaveLength(2);
  });

  it("is told of once when its preimage comes late, though the store failed at that moment", async () => {
    const memory = createMemoryClientStore();
    const told: unknown[] = [];
    let fails = false;
    const { client, lightning } = openShop();
    const buyer = client({
      onPayment: (payment) => told.push(payment),
      store: {
        read: memory.read,
        update: async (change) => (fails ? Promise.reject(new Error("disk full")) : memory.update(change)),
      },
      wallet: {
        ...lightning.wallet,
        async payInvoice(input) {
          fails = true;
          return { ...(await lightning.wallet.payInvoice(input)), preimage: "" } as PaymentResult;
        },
      },
    });
    await expect(buyer.fetch(url)).rejects.toMatchObject({ code: "WALLET_NO_PREIMAGE" });
    expect(told).toEqual([]);
    fails = false;
    expect((await buyer.fetch(url)).status).toBe(200);
    expect(told).toHaveLength(1);
  });

  it("cannot be forgotten while it is sent once more: what it buys is kept", async () => {
    const store = createMemoryClientStore();
    const { client, lightning, clock } = openShop({ "/weather": { terms: { price: 10, uses: 5 } } });
    const down = { ...lightning.wallet, payInvoice: async () => ({ status: "unknown" as const, reason: "no line" }) };
    await expect(client({ store, wallet: down }).fetch(url)).rejects.toMatchObject(UNKNOWN);
    clock.advanceSeconds(140);
    const forgotten: number[] = [];
    const buyer = client({
      store,
      wallet: {
        ...lightning.wallet,
        async payInvoice(input) {
          forgotten.push(await buyer.forget());
          return lightning.wallet.payInvoice(input);
        },
      },
    });
    for (let i = 0; i < 5; i++) expect((await buyer.fetch(url)).status).toBe(200);
    expect(forgotten).toEqual([0]);
    expect(await buyer.spending()).toMatchObject({ totalMsat: 10_000, pendingMsat: 0 });
  });

  it("never begins where it cannot be written down", async () => {
    const { client, lightning } = openShop();
    const buyer = client({ store: { read: () => undefined, update: () => Promise.reject(new Error("read-only")) } });
    await expect(buyer.fetch(url)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE", fundsMoved: "no" });
    expect(lightning.calls.payInvoice).toBe(0);
    const silent = client({ store: { read: () => undefined, update: async () => {} } });
    await expect(silent.fetch(url)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE", fundsMoved: "no" });
    expect(lightning.calls.payInvoice).toBe(0);
  });

  it("is written down before the wallet is asked", async () => {
    const store = createMemoryClientStore();
    let journal = "";
    const { client, lightning } = openShop();
    await client({
      store,
      wallet: {
        ...lightning.wallet,
        payInvoice(input) {
          journal = String(store.read());
          return lightning.wallet.payInvoice(input);
        },
      },
    }).fetch(url);
    const [payment] = lightning.payments;
    expect(JSON.parse(journal).pending).toMatchObject({
      [payment?.paymentHash as string]: { amountMsat: 10_000, maxFeeMsat: 10_000, scope: { origin: SHOP } },
    });
  });
});
