import { describe, expect, it } from "vitest";
import { ask, openSeller } from "./seller.ts";
import { openShop, SHOP } from "./shop.ts";

const url = `${SHOP}/weather`;
const reason = new Error("The person left.");

describe("a caller who leaves", () => {
  it("before anything was sent", async () => {
    const seller = await openSeller();
    await expect(seller.client().fetch(seller.url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(seller.seen).toEqual([]);
  });

  it("while the first answer is awaited, by a signal or one in a Request", async () => {
    const controller = new AbortController();
    const seller = await openSeller({ challenge: () => controller.abort(reason) });
    await expect(seller.client().fetch(seller.url, { signal: controller.signal })).rejects.toBe(reason);
    const other = new AbortController();
    const silent = await openSeller({ challenge: () => other.abort(reason) });
    await expect(silent.client().fetch(new Request(silent.url, { signal: other.signal }))).rejects.toBe(reason);
    expect(seller.lightning.calls.payInvoice + silent.lightning.calls.payInvoice).toBe(0);
  });

  it("while the challenge's body trickles in", async () => {
    const controller = new AbortController();
    const seller = await openSeller({
      challenge: ({ bolt11, token }, _, response) => {
        response.writeHead(402, {
          "www-authenticate": `L402 macaroon="${token}", invoice="${bolt11}"`,
          "content-type": "application/json",
        });
        response.write("{");
        setImmediate(() => controller.abort(reason));
      },
    });
    await expect(seller.client().fetch(seller.url, { signal: controller.signal })).rejects.toBe(reason);
    expect(seller.lightning.calls.payInvoice).toBe(0);
  });

  it("while checkInvoice does not answer", async () => {
    const controller = new AbortController();
    const { client, lightning } = openShop();
    const checkInvoice = () => {
      controller.abort(reason);
      return new Promise<void>(() => {});
    };
    await expect(client({ checkInvoice }).fetch(url, { signal: controller.signal })).rejects.toBe(reason);
    expect(lightning.calls.payInvoice).toBe(0);
  });

  it("while the budget has no room yet: nothing is paid later either", async () => {
    const controller = new AbortController();
    const { client, lightning } = openShop({ "/weather": { terms: { price: 10 } }, "/news": { terms: { price: 10 } } });
    const { wallet } = lightning;
    let pay: () => void = () => {};
    const paying = new Promise<void>((resolve) => {
      pay = resolve;
    });
    let asked = 0;
    const buyer = client({
      budget: { totalSats: 25 },
      onChallenge: () => void asked++,
      wallet: { ...wallet, payInvoice: (input) => paying.then(() => wallet.payInvoice(input)) },
    });
    const first = buyer.fetch(url);
    await expect.poll(async () => (await buyer.spending()).pendingMsat, { interval: 1 }).toBeGreaterThan(0);
    const second = buyer.fetch(`${SHOP}/news`, { signal: controller.signal }).catch((thrown) => thrown);
    await expect.poll(() => asked, { interval: 1 }).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort(reason);
    expect(await second).toBe(reason);
    pay();
    expect((await first).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await buyer.spending()).toMatchObject({ totalMsat: 10_000, pendingMsat: 0 });
    expect(lightning.payments).toHaveLength(1);
  });

  it("while somebody is asked for approval", async () => {
    const controller = new AbortController();
    const { client, lightning } = openShop();
    let answer: (approved: boolean) => void = () => {};
    const approve = () => {
      controller.abort(reason);
      return new Promise<boolean>((resolve) => {
        answer = resolve;
      });
    };
    const buyer = client({ approve });
    await expect(buyer.fetch(url, { signal: controller.signal })).rejects.toBe(reason);
    answer(true);
    await expect.poll(async () => (await buyer.spending()).pendingMsat).toBe(0);
    expect(lightning.calls.payInvoice).toBe(0);
  });

  it("while it is paid: the error says so, and what was bought is there for the next request", async () => {
    const controller = new AbortController();
    const { client, lightning } = openShop();
    let finish = () => {};
    const buyer = client({
      wallet: {
        ...lightning.wallet,
        async payInvoice(input) {
          controller.abort(reason);
          await new Promise<void>((resolve) => {
            finish = resolve;
          });
          return lightning.wallet.payInvoice(input);
        },
      },
    });
    const error = await buyer.fetch(url, { signal: controller.signal }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "PAYMENT_OUTCOME_UNKNOWN", fundsMoved: "maybe", cause: reason });
    finish();
    const again = buyer.fetch(url);
    expect((await again).status).toBe(200);
    expect(lightning.payments).toHaveLength(1);
    expect(await buyer.spending()).toMatchObject({ totalMsat: 10_000, pendingMsat: 0 });
  });

  it("after it was paid, before the answer: the error says so, and nothing is paid again", async () => {
    const controller = new AbortController();
    let leaves = true;
    const seller = await openSeller({
      redeem: (_, response) => (leaves ? controller.abort(reason) : response.end("goods")),
    });
    const buyer = seller.client();
    const error = await buyer.fetch(seller.url, { signal: controller.signal }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "PAYMENT_REJECTED", fundsMoved: "yes", retryable: true, cause: reason });
    leaves = false;
    expect(await (await buyer.fetch(seller.url)).text()).toBe("goods");
    expect(seller.lightning.payments).toHaveLength(1);
  });

  it("after it was paid, when the seller refuses: the error says so", async () => {
    const controller = new AbortController();
    const seller = await openSeller({ redeem: (_, response) => response.writeHead(402).end() });
    const fetch: typeof globalThis.fetch = async (...sent) => {
      const response = await globalThis.fetch(...sent);
      if (seller.seen.length === 2) controller.abort(reason);
      return response;
    };
    const bought = seller.client({ fetch }).fetch(seller.url, { signal: controller.signal });
    await expect(bought).rejects.toMatchObject({ code: "PAYMENT_REJECTED", fundsMoved: "yes" });
  });

  it("while a credential is shown that was there before", async () => {
    const controller = new AbortController();
    let shown = 0;
    const seller = await openSeller({
      redeem: (_, response) => (++shown === 2 ? controller.abort(reason) : response.end("goods")),
    });
    const buyer = seller.client();
    await buyer.fetch(seller.url);
    await expect(buyer.fetch(seller.url, { signal: controller.signal })).rejects.toBe(reason);
    expect((await buyer.fetch(seller.url)).status).toBe(200);
    expect(seller.lightning.payments).toHaveLength(1);
  });

  it("while the seller is given a moment", async () => {
    const controller = new AbortController();
    const seller = await openSeller({
      redeem: (_, response) => {
        response.writeHead(402, { "retry-after": "10" }).end();
        setImmediate(() => controller.abort(reason));
      },
    });
    await expect(seller.client().fetch(seller.url, { signal: controller.signal })).rejects.toMatchObject({
      code: "PAYMENT_REJECTED",
      fundsMoved: "yes",
    });
  });

  it("while the body arrives", async () => {
    const controller = new AbortController();
    const seller = await openSeller({ redeem: (_, response) => void response.write("begun") });
    const response = await seller.client().fetch(seller.url, { signal: controller.signal });
    controller.abort(reason);
    await expect(response.text()).rejects.toMatchObject({ name: "AbortError" });
  });

  it("again and again while it is paid, pays once, whatever the seller calls what it sells", async () => {
    const seller = await openSeller({
      challenge: (sale, _, response) => ask(response, sale, { uses: sale.count % 2 || 5, resource: `${sale.count}` }),
    });
    const payments: (() => void)[] = [];
    const buyer = seller.client({
      wallet: {
        ...seller.lightning.wallet,
        async payInvoice(input) {
          await new Promise<void>((resolve) => payments.push(resolve));
          return seller.lightning.wallet.payInvoice(input);
        },
      },
    });
    for (let tries = 1; tries <= 4; tries++) {
      const controller = new AbortController();
      const leaving = buyer.fetch(seller.url, { signal: controller.signal }).catch((thrown) => thrown);
      await expect.poll(() => seller.seen.length).toBe(tries);
      if (tries === 1) await expect.poll(() => payments.length).toBe(1);
      controller.abort(reason);
      expect(await leaving).toMatchObject(tries === 1 ? { code: "PAYMENT_OUTCOME_UNKNOWN" } : reason);
    }
    const staying = buyer.fetch(seller.url);
    await expect.poll(() => seller.seen.length).toBe(5);
    payments[0]?.();
    expect((await staying).status).toBe(200);
    expect(payments).toHaveLength(1);
  });

  it("while what was begun earlier is paid, pays once", async () => {
    const seller = await openSeller({ challenge: (sale, _, response) => ask(response, sale, { uses: 1 }) });
    const payments: (() => void)[] = [];
    let isDown = true;
    const buyer = seller.client({
      wallet: {
        ...seller.lightning.wallet,
        async payInvoice(input) {
          if (isDown) return { status: "unknown", reason: "no line" };
          await new Promise<void>((resolve) => payments.push(resolve));
          return seller.lightning.wallet.payInvoice(input);
        },
      },
    });
    await expect(buyer.fetch(seller.url)).rejects.toMatchObject({ code: "PAYMENT_OUTCOME_UNKNOWN" });
    isDown = false;
    for (let tries = 2; tries <= 3; tries++) {
      const controller = new AbortController();
      const leaving = buyer.fetch(seller.url, { signal: controller.signal }).catch((thrown) => thrown);
      await expect.poll(() => seller.seen.length).toBe(tries);
      await expect.poll(() => payments.length).toBe(1);
      controller.abort(reason);
      await leaving;
    }
    const staying = buyer.fetch(seller.url);
    await expect.poll(() => seller.seen.length).toBe(4);
    payments[0]?.();
    expect((await staying).status).toBe(200);
    expect(payments).toHaveLength(1);
    expect(seller.lightning.payments).toHaveLength(1);
  });

  it("stops nobody who waits for the same", async () => {
    const controller = new AbortController();
    const { client, lightning } = openShop({ "/weather": { terms: { price: 10, uses: "unlimited" } } });
    let finish = () => {};
    const buyer = client({
      wallet: {
        ...lightning.wallet,
        async payInvoice(input) {
          await new Promise<void>((resolve) => {
            finish = resolve;
          });
          return lightning.wallet.payInvoice(input);
        },
      },
    });
    const leaving = buyer.fetch(url, { signal: controller.signal }).catch((thrown) => thrown);
    await expect.poll(async () => (await buyer.spending()).pendingMsat).toBeGreaterThan(0);
    const waiting = [buyer.fetch(url), buyer.fetch(url, { signal: new AbortController().signal })];
    const impatient = new AbortController();
    const gone = buyer.fetch(url, { signal: impatient.signal }).catch((thrown) => thrown);
    await new Promise((resolve) => setImmediate(resolve));
    impatient.abort(reason);
    expect(await gone).toBe(reason);
    controller.abort(reason);
    expect(await leaving).toMatchObject({ code: "PAYMENT_OUTCOME_UNKNOWN" });
    finish();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200]);
    expect(lightning.payments).toHaveLength(1);
  });

  it("stops nobody who waits for the same, before anything was paid either: one of them pays", async () => {
    const controller = new AbortController();
    const { client, lightning } = openShop({ "/weather": { terms: { price: 10, uses: "unlimited" } } });
    const answers: ((approved: boolean) => void)[] = [];
    const buyer = client({ approve: () => new Promise<boolean>((resolve) => answers.push(resolve)) });
    const leaving = buyer.fetch(url, { signal: controller.signal }).catch((thrown) => thrown);
    await expect.poll(() => answers.length).toBe(1);
    const waiting = buyer.fetch(url);
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort(reason);
    expect(await leaving).toBe(reason);
    // The first call of `approve` is never answered.
    await expect.poll(() => answers.length).toBe(2);
    answers[1]?.(true);
    expect((await waiting).status).toBe(200);
    expect(lightning.payments).toHaveLength(1);
  });
});
