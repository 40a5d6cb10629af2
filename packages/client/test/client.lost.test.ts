import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { createMemoryClientStore } from "../src/index.ts";
import { ask, openSeller } from "./seller.ts";
import { openShop, SHOP } from "./shop.ts";

const url = `${SHOP}/order`;
const order = { method: "POST", body: "a book" };
const REJECTED = { code: "PAYMENT_REJECTED", fundsMoved: "yes", retryable: false };
const LOST = { ...REJECTED, retryable: true };
const WRITTEN_OFF = { ...REJECTED, message: expect.stringContaining("its answer was lost, and it counted a use") };

/** The real paywall behind a connection that breaks: the shop serves and counts an order, but the answer is lost. */
function openBehindBadLine() {
  const line = { cuts: Number.POSITIVE_INFINITY };
  const shop = openShop({ "/order": { terms: { price: 10 } }, "/pass": { terms: { price: 500, uses: 100 } } });
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const response = await shop.fetchShop(input, init);
    if (new Request(input, init).headers.has("authorization") && line.cuts-- > 0) throw new TypeError("broken line");
    return response;
  };
  return { ...shop, line, fetch };
}

/**
 * A seller that cuts the connection to a paying request. If a credential comes again, it refuses it with the code
 * `says`.
 */
async function openCutter(more: object = {}) {
  const shown = new Set<unknown>();
  const seller = await openSeller({
    challenge: (sale, _, response) => ask(response, sale, { uses: 1, ...more }),
    redeem({ headers: { authorization } }, response) {
      if (shown.has(authorization)) refuse(response, cutter.says);
      else response.destroy();
      shown.add(authorization);
    },
  });
  const cutter = { ...seller, says: "CREDENTIAL_USED_UP" };
  return cutter;
}

const refuse = (response: ServerResponse, code: string) =>
  response.writeHead(402, { "content-type": "application/json" }).end(JSON.stringify({ code }));

const goods = () => new Response("goods");

/** Something to wait for, and a handler that waits for it and fails. */
function openGate() {
  let pass = () => {};
  const passed = new Promise<void>((resolve) => {
    pass = resolve;
  });
  const then500 = async () => {
    await passed;
    return new Response("sorry", { status: 500 });
  };
  return { passed, pass, then500 };
}

const outcomes = (results: PromiseSettledResult<Response>[]) =>
  results.map((each) => (each.status === "fulfilled" ? each.value.status : each.reason.code));

describe("a use that was counted for an answer that never came", () => {
  it("is gone, as the next request says, and the one after that buys anew", async () => {
    const { client, fetch, line, lightning, served } = openBehindBadLine();
    const buyer = client({ fetch });
    line.cuts = 0;
    await buyer.fetch(`${SHOP}/pass`);
    line.cuts = 1;
    const error = await buyer.fetch(url, order).catch((thrown) => thrown);
    expect(error).toMatchObject(LOST);
    expect(error.hint).not.toContain("paid again");
    line.cuts = 0;
    const second = await buyer.fetch(url, order).catch((thrown) => thrown);
    expect(second).toMatchObject(WRITTEN_OFF);
    expect(second.message).toContain(lightning.payments[1]?.paymentHash);
    expect(lightning.payments).toHaveLength(2);
    expect(await buyer.purchases()).toMatchObject([{ url: `${SHOP}/pass`, usesLeft: 99 }]);
    expect(await (await buyer.fetch(url, order)).text()).toBe("goods of /order");
    expect(lightning.payments).toHaveLength(3);
    expect(served["/order"]).toBe(2);
  });

  it("is forgiven again after the seller has served something", async () => {
    const { client, fetch, line, lightning } = openBehindBadLine();
    const buyer = client({ fetch });
    for (let i = 1; i <= 3; i++) {
      line.cuts = 1;
      await expect(buyer.fetch(url, order)).rejects.toMatchObject(LOST);
      line.cuts = 0;
      await expect(buyer.fetch(url, order)).rejects.toMatchObject(WRITTEN_OFF);
      expect((await buyer.fetch(url, order)).status).toBe(200);
      expect(lightning.payments).toHaveLength(2 * i);
    }
  });

  it("is forgiven again where something else was served meanwhile", async () => {
    const { client, fetch, line, lightning } = openBehindBadLine();
    const buyer = client({ fetch });
    await expect(buyer.fetch(url, order)).rejects.toMatchObject(LOST);
    line.cuts = 0;
    await expect(buyer.fetch(url, order)).rejects.toMatchObject(WRITTEN_OFF);
    line.cuts = 1;
    const both = await Promise.allSettled([buyer.fetch(url, order), buyer.fetch(url, order)]);
    expect(outcomes(both).sort()).toEqual([200, "PAYMENT_REJECTED"]);
    await expect(buyer.fetch(url, order)).rejects.toMatchObject(WRITTEN_OFF);
    expect((await buyer.fetch(url, order)).status).toBe(200);
    expect(lightning.payments).toHaveLength(4);
  });

  it("is gone for a process that died before it wrote down what it got, too", async () => {
    const kept = createMemoryClientStore();
    let isDead = false;
    const { client, fetchShop, lightning, clock } = openShop();
    const dying = client({
      store: {
        read: () => kept.read(),
        update: (change) => (isDead ? new Promise(() => {}) : kept.update(change)),
      },
      fetch: async (input, init) => {
        const response = await fetchShop(input, init);
        isDead = new Request(input, init).headers.has("authorization");
        return response;
      },
    });
    dying.fetch(`${SHOP}/weather`);
    await expect.poll(() => isDead, { interval: 1 }).toBe(true);
    clock.advanceSeconds(60);
    const buyer = client({ store: kept });
    await expect(buyer.fetch(`${SHOP}/weather`)).rejects.toMatchObject(WRITTEN_OFF);
    expect((await buyer.fetch(`${SHOP}/weather`)).status).toBe(200);
    expect(lightning.payments).toHaveLength(2);
  });

  it.each([
    ["", false],
    [" after another was bought", true],
  ])("is there again if the request of another process, which took long, ends with a 500%s", async (_, buysMore) => {
    let fail = () => {};
    const slow = new Promise<Response>((resolve) => {
      fail = () => resolve(new Response("sorry", { status: 500 }));
    });
    const answers = [slow];
    const handler = () => answers.shift() ?? new Response("goods");
    const terms = { price: 10 };
    const { client, lightning, clock, served } = openShop({ "/report": { terms, handler } });
    const store = createMemoryClientStore();
    const [slower, buyer] = [client({ store }), client({ store })];
    const report = slower.fetch(`${SHOP}/report`);
    await expect.poll(() => served["/report"], { interval: 1 }).toBe(1);
    clock.advanceSeconds(11);
    await expect(buyer.fetch(`${SHOP}/report`)).rejects.toMatchObject(WRITTEN_OFF);
    if (buysMore) expect((await buyer.fetch(`${SHOP}/report`)).status).toBe(200);
    fail();
    expect((await report).status).toBe(500);
    expect(await (await buyer.fetch(`${SHOP}/report`)).text()).toBe("goods");
    expect(lightning.payments).toHaveLength(buysMore ? 2 : 1);
  });

  it("that comes back is over where the seller refuses it: it has served something since", async () => {
    let fail = () => {};
    const slow = new Promise<Response>((resolve) => {
      fail = () => resolve(new Response("sorry", { status: 500 }));
    });
    const answers = [slow];
    const handler = () => answers.shift() ?? new Response("goods");
    const routes = { "/report": { terms: { price: 10 }, handler } };
    const { client, clock, lightning, served, fetchShop } = openShop(routes);
    const secret = "another secret, which the seller has since";
    const later = openShop(routes, { paywall: { provider: lightning.provider, secret } });
    let fetch = fetchShop;
    const store = createMemoryClientStore();
    const report = client({ store }).fetch(`${SHOP}/report`);
    await expect.poll(() => served["/report"], { interval: 1 }).toBe(1);
    clock.advanceSeconds(11);
    const buyer = client({ store, fetch: (...request) => fetch(...request) });
    await expect(buyer.fetch(`${SHOP}/report`)).rejects.toMatchObject(WRITTEN_OFF);
    expect((await buyer.fetch(`${SHOP}/report`)).status).toBe(200);
    fail();
    expect((await report).status).toBe(500);
    fetch = later.fetchShop;
    expect(await (await buyer.fetch(`${SHOP}/report`)).text()).toBe("goods");
    expect(lightning.payments).toHaveLength(3);
    expect(await buyer.purchases()).toEqual([]);
  });

  it.each([
    ["one fails", [200, 500]],
    ["one fails first", [500, 200]],
    ["both fail", [500, 500]],
  ])("is there again as often as requests with one pass fail: %s", async (_, ends) => {
    const answers: ((answer: Response) => void)[] = [];
    const handler = () =>
      answers.length < 2 ? new Promise<Response>((resolve) => void answers.push(resolve)) : new Response("goods");
    const { client, clock, lightning } = openShop({ "/report": { terms: { price: 10, uses: 2 }, handler } });
    const store = createMemoryClientStore();
    const [slower, buyer] = [client({ store }), client({ store })];
    const reports: Promise<Response>[] = [];
    for (const each of [slower, buyer]) {
      reports.push(each.fetch(`${SHOP}/report`));
      await expect.poll(() => answers, { interval: 1 }).toHaveLength(reports.length);
      clock.advanceSeconds(11);
    }
    await expect(buyer.fetch(`${SHOP}/report`)).rejects.toMatchObject(WRITTEN_OFF);
    for (const [i, status] of ends.entries()) {
      answers[i]?.(new Response("", { status }));
      expect((await reports[i])?.status).toBe(status);
    }
    for (const _ of ends.filter((status) => status === 500))
      expect((await buyer.fetch(`${SHOP}/report`)).status).toBe(200);
    expect(lightning.payments).toHaveLength(1);
    expect((await buyer.fetch(`${SHOP}/report`)).status).toBe(200);
    expect(lightning.payments).toHaveLength(2);
  });

  it("of passes that are over for another process is there again if its request fails", async () => {
    const failure = openGate();
    const answers = [goods, failure.then500, goods, failure.then500];
    const handler = () => (answers.shift() ?? goods)();
    const { client, lightning, served } = openShop({ "/report": { terms: { price: 10, uses: 2 }, handler } });
    const store = createMemoryClientStore();
    const [slower, buyer] = [client({ store }), client({ store })];
    expect((await slower.fetch(`${SHOP}/report`)).status).toBe(200);
    const reports: Promise<Response>[] = [];
    for (const requests of [2, 4]) {
      reports.push(slower.fetch(`${SHOP}/report`));
      await expect.poll(() => served["/report"], { interval: 1 }).toBe(requests);
      expect((await buyer.fetch(`${SHOP}/report`)).status).toBe(200);
    }
    expect(await buyer.purchases()).toMatchObject([{ usesLeft: 1 }]);
    failure.pass();
    for (const report of reports) expect((await report).status).toBe(500);
    for (let i = 0; i < 3; i++) expect((await buyer.fetch(`${SHOP}/report`)).status).toBe(200);
    expect(lightning.payments).toHaveLength(3);
    expect(await buyer.purchases()).toEqual([]);
  });

  it("of a pass is there if its request fails before another process hears that the pass is over", async () => {
    const [failure, hearing] = [openGate(), openGate()];
    const answers = [goods, failure.then500];
    const handler = () => (answers.shift() ?? goods)();
    const { client, fetchShop, lightning, served } = openShop({
      "/report": { terms: { price: 10, uses: 2 }, handler },
    });
    let refusals = 0;
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const response = await fetchShop(input, init);
      if (response.status !== 402 || refusals++ > 0) return response;
      await hearing.passed;
      return response;
    };
    const store = createMemoryClientStore();
    const [slower, buyer] = [client({ store }), client({ store, fetch })];
    expect((await slower.fetch(`${SHOP}/report`)).status).toBe(200);
    const report = slower.fetch(`${SHOP}/report`);
    await expect.poll(() => served["/report"], { interval: 1 }).toBe(2);
    const bought = buyer.fetch(`${SHOP}/report`);
    await expect.poll(() => refusals, { interval: 1 }).toBe(1);
    failure.pass();
    expect((await report).status).toBe(500);
    hearing.pass();
    expect((await bought).status).toBe(200);
    for (let i = 0; i < 2; i++) expect((await buyer.fetch(`${SHOP}/report`)).status).toBe(200);
    expect(lightning.payments).toHaveLength(2);
    expect(await buyer.purchases()).toEqual([]);
  });

  it("takes those along that were lost with it, and what else was bought is used", async () => {
    const { client, fetch, line, lightning } = openBehindBadLine();
    const reported: unknown[] = [];
    const buyer = client({ fetch, onError: (error) => reported.push(error) });
    const lost = await Promise.allSettled([1, 2, 3].map(() => buyer.fetch(url, order)));
    expect(outcomes(lost)).toEqual(Array(3).fill("PAYMENT_REJECTED"));
    line.cuts = 0;
    reported.length = 0;
    await expect(buyer.fetch(url, order)).rejects.toMatchObject(WRITTEN_OFF);
    expect(reported).toEqual(Array(3).fill(expect.objectContaining(WRITTEN_OFF)));
    expect((await buyer.fetch(url, order)).status).toBe(200);
    expect(lightning.payments).toHaveLength(4);
  });

  it.each([{}, { validForSeconds: 3600 }])("is believed once of a seller that cuts every line (%o)", async (more) => {
    const { client, url, lightning, clock } = await openCutter(more);
    const store = createMemoryClientStore();
    for (let i = 0; i < 12; i++)
      await expect(client({ store }).fetch(url)).rejects.toMatchObject({ code: REJECTED.code });
    expect(lightning.payments).toHaveLength(2);
    const buyer = client({ store });
    const error = await buyer.fetch(url).catch((thrown) => thrown);
    expect(error).toMatchObject(REJECTED);
    expect(error.hint).toContain("forget({ paymentHash");

    const [{ paymentHash } = { paymentHash: "" }] = await buyer.purchases();
    expect(error.message).toContain(paymentHash);
    expect(await buyer.forget({ paymentHash })).toBe(1);
    for (let i = 0; i < 4; i++) await expect(buyer.fetch(url)).rejects.toMatchObject({ code: REJECTED.code });
    expect(lightning.payments).toHaveLength(3);
    if (!("validForSeconds" in more)) return;
    clock.advanceSeconds(7200);
    for (let i = 0; i < 6; i++) await expect(buyer.fetch(url)).rejects.toMatchObject({ code: REJECTED.code });
    expect(lightning.payments).toHaveLength(5);
  });

  it("is believed once, however many ask at once, and whatever the seller says of the second", async () => {
    const cutter = await openCutter();
    const buyer = cutter.client();
    const askThrice = () => Promise.allSettled([1, 2, 3].map(() => buyer.fetch(cutter.url)));
    for (let i = 0; i < 4; i++) await askThrice();
    expect(cutter.lightning.payments).toHaveLength(6);
    for (cutter.says of ["CREDENTIAL_UNDERPAID", "CREDENTIAL_WRONG_RESOURCE", "CREDENTIAL_EXPIRED", ""])
      await askThrice();
    expect(cutter.lightning.payments).toHaveLength(6);
  });

  it("is believed once of one bundle, however many ask at once", async () => {
    const cutter = await openCutter({ uses: 10 });
    const buyer = cutter.client();
    for (let i = 0; i < 3; i++) await Promise.allSettled(Array.from({ length: 10 }, () => buyer.fetch(cutter.url)));
    expect(cutter.lightning.payments).toHaveLength(2);
  });

  it("and a use that is said to be too cheap are believed once each, and no payment follows a third", async () => {
    const cutter = await openCutter();
    const buyer = cutter.client();
    for (cutter.says of ["CREDENTIAL_UNDERPAID", "CREDENTIAL_UNDERPAID", "CREDENTIAL_USED_UP"]) {
      for (let i = 0; i < 4; i++) await buyer.fetch(cutter.url).catch(() => {});
    }
    for (cutter.says of ["CREDENTIAL_UNDERPAID", "CREDENTIAL_USED_UP", "CREDENTIAL_WRONG_RESOURCE"]) {
      for (let i = 0; i < 4; i++) await expect(buyer.fetch(cutter.url)).rejects.toMatchObject(REJECTED);
    }
    expect(cutter.lightning.payments).toHaveLength(3);
  });

  it("is believed once behind redirects to another page each time", async () => {
    const shown = new Set<unknown>();
    let pages = 0;
    const { client, origin, lightning } = await openSeller({
      challenge: (sale, { path }, response) =>
        path === "/goods" ? response.writeHead(302, { location: `/goods/${++pages}` }).end() : ask(response, sale),
      redeem({ headers: { authorization } }, response) {
        if (shown.has(authorization)) refuse(response, "CREDENTIAL_USED_UP");
        else response.destroy();
        shown.add(authorization);
      },
    });
    const buyer = client();
    const attempt = (path: string) => buyer.fetch(origin + path).catch((thrown) => thrown);
    for (let i = 0; i < 5; i++) await attempt("/goods");
    expect(lightning.payments).toHaveLength(1);
    expect(await attempt("/goods/1")).toMatchObject(WRITTEN_OFF);
    await attempt("/goods");
    expect(lightning.payments).toHaveLength(2);
    const [second] = await buyer.purchases();
    for (let i = 0; i < 3; i++) expect(await attempt(new URL(second?.url as string).pathname)).toMatchObject(REJECTED);
    for (let i = 0; i < 3; i++) expect(await attempt("/goods")).toMatchObject(REJECTED);
    expect(lightning.payments).toHaveLength(2);
  });

  it("is not what a seller says of a credential that it has refused, or given back, before", async () => {
    for (const [status, thenCuts, seconds = 0] of [[402], [500], [402, true], [402, false, 11]] as const) {
      let count = 0;
      const { client, url, lightning, clock } = await openSeller({
        redeem(_, response) {
          clock.advanceSeconds(seconds);
          if (++count === 1) response.writeHead(status).end();
          else if (count === 2 && thenCuts) response.destroy();
          else refuse(response, "CREDENTIAL_USED_UP");
        },
      });
      const buyer = client();
      for (let i = 0; i < 5; i++) await buyer.fetch(url).catch(() => {});
      await expect(buyer.fetch(url)).rejects.toMatchObject(REJECTED);
      expect(lightning.payments).toHaveLength(1);
    }
  });

  it("is no loss where other processes use up what the paying request left, and their answers take a moment", async () => {
    const serving = openGate();
    const answers = [() => new Response("sorry", { status: 500 })];
    const handler = async () => answers.shift()?.() ?? serving.passed.then(goods);
    const { client, lightning, served } = openShop({ "/report": { terms: { price: 10, uses: 2 }, handler } });
    const store = createMemoryClientStore();
    const [buyer, ...others] = Array.from({ length: 4 }, () => client({ store }));
    expect((await buyer?.fetch(`${SHOP}/report`))?.status).toBe(500);
    const reports = others.map((other) => other.fetch(`${SHOP}/report`));
    await expect.poll(() => served["/report"], { interval: 1 }).toBe(3);
    setTimeout(serving.pass, 200);
    for (const report of reports) expect((await report).status).toBe(200);
    expect(lightning.payments).toHaveLength(2);
  });

  it("keeps nobody waiting for other processes who has given up", async () => {
    let count = 0;
    const { client, url } = await openSeller({
      redeem: (_, response) => (++count === 1 ? response.writeHead(500).end() : refuse(response, "CREDENTIAL_USED_UP")),
    });
    const buyer = client();
    expect((await buyer.fetch(url)).status).toBe(500);
    const begin = performance.now();
    await expect(buyer.fetch(url, { signal: AbortSignal.timeout(200) })).rejects.toMatchObject({
      name: "TimeoutError",
    });
    expect(performance.now() - begin).toBeLessThan(2000);
    expect(count).toBe(2);
  });
});

describe("what was paid for", () => {
  it("is forgotten for good, also where a request that had it fails later", async () => {
    let fail = () => {};
    const slow = new Promise<Response>((resolve) => {
      fail = () => resolve(new Response("sorry", { status: 500 }));
    });
    const { client, served } = openShop({ "/report": { terms: { price: 10 }, handler: () => slow } });
    const buyer = client();
    const report = buyer.fetch(`${SHOP}/report`);
    await expect.poll(() => served["/report"], { interval: 1 }).toBe(1);
    expect(await buyer.forget()).toBe(1);
    fail();
    expect((await report).status).toBe(500);
    expect(await buyer.purchases()).toEqual([]);
  });

  it("is there once where it could not be written down, and its request failed", async () => {
    const kept = createMemoryClientStore();
    let isDown = false;
    const update: typeof kept.update = async (change) => {
      if (isDown) throw new Error("down");
      return kept.update(change);
    };
    const answers = [new Response("sorry", { status: 500 })];
    const handler = () => answers.shift() ?? new Response("goods");
    const { client, fetchShop, lightning } = openShop({ "/report": { terms: { price: 10 }, handler } });
    const buyer = client({
      store: { ...kept, update },
      wallet: {
        ...lightning.wallet,
        payInvoice(payment) {
          isDown = lightning.payments.length === 0;
          return lightning.wallet.payInvoice(payment);
        },
      },
      fetch(...request) {
        isDown = false;
        return fetchShop(...request);
      },
    });
    for (const status of [500, 200, 200]) expect((await buyer.fetch(`${SHOP}/report`)).status).toBe(status);
    expect(lightning.payments).toHaveLength(2);
    expect(await buyer.spending()).toMatchObject({ totalMsat: 20_000, pendingMsat: 0 });
  });

  it.each(["CREDENTIAL_USED_UP", "", "CREDENTIAL_EXPIRED"])(
    "is used although what was bought before it is refused (%s)",
    async (says) => {
      const shown: unknown[] = [];
      let isDown = true;
      const { client, url, lightning } = await openSeller({
        challenge: (sale, _, response) => ask(response, sale, { uses: 1 }),
        async redeem({ headers: { authorization } }, response) {
          if (!shown.includes(authorization)) shown.push(authorization);
          await expect.poll(() => shown.length, { interval: 1 }).toBe(2);
          const isFirst = authorization === shown[0];
          if (!isDown) return isFirst ? refuse(response, says) : response.end("goods");
          return isFirst ? response.destroy() : response.writeHead(500).end();
        },
      });
      const reported: unknown[] = [];
      const buyer = client({ onError: (error) => reported.push(error) });
      const first = buyer.fetch(url);
      first.catch(() => {});
      await expect.poll(() => shown.length, { interval: 1 }).toBe(1);
      expect((await buyer.fetch(url)).status).toBe(500);
      await expect(first).rejects.toMatchObject(LOST);
      isDown = false;
      reported.length = 0;
      expect(await (await buyer.fetch(url)).text()).toBe("goods");
      expect(reported).toEqual(says === "CREDENTIAL_USED_UP" ? [expect.objectContaining(WRITTEN_OFF)] : []);
      expect(lightning.payments).toHaveLength(2);
    },
  );

  it.each([0, 500])("by 150 at once is there for 150 later (%i)", async (status) => {
    let isDown = true;
    let arrived = 0;
    let open = () => {};
    const all = new Promise<void>((resolve) => {
      open = resolve;
    });
    const { client, url, lightning } = await openSeller({
      sats: 1,
      challenge: (sale, _, response) => ask(response, sale, { uses: 1 }),
      async redeem(_, response) {
        if (!isDown) return response.end("goods");
        if (++arrived === 150) open();
        await all;
        return status ? response.writeHead(status).end() : response.destroy();
      },
    });
    const buyer = client();
    await Promise.allSettled(Array.from({ length: 150 }, () => buyer.fetch(url)));
    expect(await buyer.purchases()).toHaveLength(150);
    isDown = false;
    for (let i = 0; i < 150; i++) expect((await buyer.fetch(url)).status).toBe(200);
    expect(lightning.payments).toHaveLength(150);
  });

  it("on 1000 paths is there later, although more is bought", async () => {
    const { client, lightning } = openShop();
    const store = createMemoryClientStore();
    const buyer = client({ store });
    await buyer.fetch("https://a.example/weather");
    store.update((text) => {
      const state = JSON.parse(text as string);
      const scope = (i: number) => ({ key: `GET https://s${i}.example/weather`, origin: `https://s${i}.example` });
      const bought = { token: "t", preimage: "p", amountMsat: 1, feeMsat: 0, usesLeft: 1, unaccepted: "unserved" };
      for (let i = 0; i < 1000; i++) {
        const { key } = scope(i);
        state.credentials[key] = [{ ...bought, paymentHash: `${i}`, scope: scope(i) }];
      }
      return JSON.stringify(state);
    });
    await buyer.fetch(`${SHOP}/weather`);
    expect(await buyer.purchases()).toHaveLength(1000);
    expect(lightning.payments).toHaveLength(2);
  });
});
