import { L402Error, type LightningWallet } from "@l402/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Owner } from "../../src/merchants/merchants.ts";
import { problemOf } from "../../src/problem.ts";
import { openWorld, type World } from "../world.ts";

let world: World;
let owner: Owner;
let had: number;
beforeEach(async () => {
  world = await openWorld({ feeMsat: 1_000 });
  const { ownerKey } = await world.register("alice");
  owner = await world.service.merchants.byOwnerKey(ownerKey);
  await world.sell(owner, 2_000_000);
  had = await world.balanceOf(owner);
});
afterEach(async () => {
  expect(await world.service.solvency.audit()).toEqual([]);
  await world.close();
});

const payouts = () => world.service.payouts.list(`merchant:${owner.id}`);
const AMOUNT = 1_974_000;
const RESERVE = AMOUNT + 19_740;

/** Many rounds, in many processes. */
async function goOn(seconds: number, step = 60): Promise<void> {
  for (let passed = 0; passed < seconds; passed += step) {
    world.clock.advanceSeconds(step);
    await Promise.all([world.service.tick(), world.another().tick()]);
  }
}

/** What must hold as long as nobody knows: the money is set aside, one invoice was asked for, and one payment tried. */
async function expectHeld(): Promise<void> {
  expect(await payouts()).toMatchObject([{ status: "sending", preimage: null }]);
  expect(await world.service.balance(owner.id)).toEqual({
    ...{ availableMsat: had - RESERVE, pendingMsat: RESERVE, owedMsat: 0 },
  });
  expect(world.payees.user("alice").invoices).toHaveLength(2);
  expect(world.outside.payments).toHaveLength(1);
}

async function expectPaidOnce(): Promise<void> {
  expect(await payouts()).toMatchObject([{ status: "paid", fee_msat: 1_000, amount_msat: AMOUNT }]);
  expect(await world.service.balance(owner.id)).toEqual({
    ...{ availableMsat: had - AMOUNT - 1_000, pendingMsat: 0, owedMsat: 0 },
  });
  expect(world.outside.payments.filter(({ status }) => status === "paid")).toHaveLength(1);
  expect((await world.service.solvency.measure()).balance.nodeMsat).toBe(world.nodeBalanceMsat());
}

describe("a payout whose outcome is unknown", () => {
  it("stays set aside, is not repeated, and is paid once when it settles after the timeout", async () => {
    world.outside.next("payInvoice", "unknown-stuck");
    await world.service.tick();
    await expectHeld();
    await goOn(300);
    await expectHeld();
    world.outside.settle(world.outside.payments[0]?.paymentHash as string);
    await goOn(600);
    await expectPaidOnce();
  });

  it("that was paid, and only the answer was lost, is looked up", async () => {
    world.outside.next("payInvoice", "unknown-settled");
    await world.service.tick();
    expect(await payouts()).toMatchObject([{ status: "sending" }]);
    await goOn(60);
    await expectPaidOnce();
  });

  it("is pending for 24 hours, paid once, and in a day of rounds nothing else is sent", async () => {
    world.outside.next("payInvoice", "unknown-stuck");
    await world.service.tick();
    await world.sell(owner, 10_000_000);
    had += 9_970_000;
    await goOn(86_400, 900);
    await expectHeld();
    world.outside.settle(world.outside.payments[0]?.paymentHash as string);
    await goOn(7_200, 900);
    const [next, first] = await payouts();
    expect([next?.status, first?.status]).toEqual(["paid", "paid"]);
    expect(world.outside.payments.map(({ status }) => status)).toEqual(["paid", "paid"]);
  });

  it("is given back when the wallet says later that it failed, and then sent with a new invoice", async () => {
    world.outside.next("payInvoice", "unknown-stuck");
    await world.service.tick();
    world.outside.cancel(world.outside.payments[0]?.paymentHash as string);
    await goOn(60);
    expect(await payouts()).toMatchObject([{ status: "failed" }]);
    expect(await world.balanceOf(owner)).toBe(had);
    await goOn(120);
    expect((await payouts()).map(({ status }) => status)).toEqual(["paid", "failed"]);
    expect(world.outside.payments.filter(({ status }) => status === "paid")).toHaveLength(1);
  });

  describe("is not taken for an earlier payout by the same invoice, which failed:", () => {
    const never: LightningWallet["payInvoice"] = async () => ({ status: "unknown", reason: "It waits in a queue." });

    /** The wallet's look-up knows of the failed payment, and the second one is yet to begin. */
    async function payAgain() {
      const { bolt11 } = await world.outside.provider.createInvoice({
        ...{ amountMsat: 900_000, description: "", expiresInSeconds: 600 },
      });
      const wallet = { ...world.outside.wallet, payInvoice: never };
      const service = world.another({ wallet, payoutThresholdMsat: 10 ** 12 });
      world.outside.next("payInvoice", "failed");
      const first = await world.service.withdrawals.forMerchant(owner, { bolt11 }, "one");
      expect(await first.sent).toMatchObject({ status: "failed" });
      const { row, sent } = await service.withdrawals.forMerchant(owner, { bolt11 }, "two");
      expect(await sent).toMatchObject({ status: "sending" });
      for (let i = 0; i < 14; i++) {
        world.clock.advanceSeconds(10);
        await service.tick();
        const gaveUp = await service.giveUpPayout(row.id).catch((error: unknown) => error);
        expect(problemOf(gaveUp)).toMatchObject({ code: "ALREADY_UNDER_WAY" });
      }
      expect(await service.payouts.find(row.id)).toMatchObject({ status: "sending" });
      expect(await world.balanceOf(owner)).toBe(had - 909_000);
      return { service, id: row.id, bolt11 };
    }

    it("when it begins late, and is paid", async () => {
      const { service, id, bolt11 } = await payAgain();
      await world.outside.wallet.payInvoice({ bolt11, maxFeeMsat: 9_000, timeoutSeconds: 20 });
      world.clock.advanceSeconds(60);
      await service.tick();
      expect(await service.payouts.find(id)).toMatchObject({ status: "paid" });
      expect(await world.balanceOf(owner)).toBe(had - 901_000);
    });

    it("and is given back when the wallet has had its time to begin", async () => {
      const { service, id } = await payAgain();
      world.clock.advanceSeconds(60);
      await service.tick();
      expect(await service.payouts.find(id)).toMatchObject({ status: "failed" });
      expect(await world.balanceOf(owner)).toBe(had);
    });
  });

  it("not-found straight after is no failure: it is found, and paid once", async () => {
    // The wallet has sent it, and its look-up does not know for a while.
    let isForgetful = true;
    const wallet: LightningWallet = {
      ...world.outside.wallet,
      lookupPayment: async (hash) => (isForgetful ? { status: "not-found" } : world.outside.wallet.lookupPayment(hash)),
    };
    world.outside.next("payInvoice", "unknown-stuck");
    await world.another({ wallet }).tick();
    for (let i = 0; i < 5; i++) {
      world.clock.advanceSeconds(10);
      await world.another({ wallet }).tick();
    }
    await expectHeld();
    expect(world.outside.calls.payInvoice).toBe(1);
    isForgetful = false;
    world.outside.settle(world.outside.payments[0]?.paymentHash as string);
    await goOn(120);
    await expectPaidOnce();
  });

  it("that the wallet never got is sent again: the same invoice, some minutes later", async () => {
    const wallet: LightningWallet = {
      ...world.outside.wallet,
      payInvoice: async () => ({ status: "unknown", reason: "The line broke before anything was sent." }),
    };
    await world.another({ wallet }).tick();
    await world.service.tick();
    expect(world.outside.payments).toEqual([]);
    await goOn(240);
    await expectPaidOnce();
    expect(world.payees.user("alice").invoices).toHaveLength(2);
  });

  it("is not sent again by another node, be it on the same database by mistake, or new, and the operator hears of it", async () => {
    await world.service.tick();
    await world.sell(owner, 2_000_000);
    world.clock.advanceSeconds(3_600);
    world.outside.next("payInvoice", "unknown-stuck");
    await world.service.tick();
    let asked = 0;
    const wallet: LightningWallet = {
      ...world.outside.wallet,
      async payInvoice() {
        asked++;
        return { status: "unknown", reason: "It is on its way." };
      },
      lookupPayment: async () => ({ status: "not-found" }),
    };
    const other = world.another({ wallet });
    for (let i = 0; i < 9; i++) {
      world.clock.advanceSeconds(60);
      await other.tick();
    }
    expect(asked).toBe(0);
    expect(world.alarms).toEqual([expect.stringContaining("it is not sent again")]);
    world.outside.settle(world.outside.payments[1]?.paymentHash as string);
    await goOn(600);
    expect((await payouts()).map(({ status }) => status)).toEqual(["paid", "paid"]);
  });

  it("that the wallet forgets for good stays set aside after its invoice has expired, and the operator hears of it once", async () => {
    const wallet: LightningWallet = {
      ...world.outside.wallet,
      payInvoice: async () => ({ status: "unknown", reason: "?" }),
      lookupPayment: async () => ({ status: "not-found" }),
    };
    const service = world.another({ wallet });
    await service.tick();
    for (let i = 0; i < 100; i++) {
      world.clock.advanceSeconds(3_600);
      await service.tick();
    }
    expect(await payouts()).toMatchObject([
      { status: "sending", reason: expect.stringContaining("has no such payment") },
    ]);
    expect((await world.service.balance(owner.id)).pendingMsat).toBe(RESERVE);
    expect(world.alarms).toHaveLength(1);
  });

  it.each(["wrong-preimage", "zero-preimage", "empty-preimage"] as const)(
    "is not paid because of a %s, and is when the true one comes",
    async (fault) => {
      world.outside.next("payInvoice", fault);
      await world.service.tick();
      await expectHeld();
      expect(world.alarms).toEqual([expect.stringContaining("without the preimage")]);
      await goOn(60);
      await expectPaidOnce();
    },
  );

  it("because the wallet never answers keeps no round waiting, and is looked up", async () => {
    let signal: AbortSignal | undefined;
    const wallet: LightningWallet = {
      ...world.outside.wallet,
      payInvoice(input) {
        signal = input.signal;
        return world.outside.wallet.payInvoice(input).then(() => new Promise(() => {}));
      },
    };
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const round = world.another({ wallet }).tick();
      while (!signal) await new Promise(setImmediate);
      await vi.advanceTimersByTimeAsync(25_000);
      await round;
    } finally {
      vi.useRealTimers();
    }
    expect(signal.aborted).toBe(true);
    await expectHeld();
    await goOn(60);
    await expectPaidOnce();
  });

  it("is asked for by one process at a time, however long the wallet takes", async () => {
    let answer = () => {};
    let calls = 0;
    const wallet: LightningWallet = {
      ...world.outside.wallet,
      async payInvoice(input) {
        calls++;
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
        return world.outside.wallet.payInvoice(input);
      },
    };
    const first = world.another({ wallet }).tick();
    while (calls === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    // The wallet has begun with nothing yet, so its look-up knows of nothing.
    for (let i = 0; i < 5; i++) {
      world.clock.advanceSeconds(60);
      await world.another({ wallet }).tick();
    }
    expect(calls).toBe(1);
    answer();
    await first;
    await expectPaidOnce();
  });

  describe("is not given back by a process that has lost its lock, after another one has taken over", () => {
    /** A service that no lock keeps from anything, and that stops for a while before it ends a payout. */
    function stalled(wallet: LightningWallet = world.outside.wallet) {
      let [reached, goOn] = [() => {}, () => {}];
      const isThere = new Promise<void>((resolve) => (reached = resolve));
      const mayGoOn = new Promise<void>((resolve) => (goOn = resolve));
      const database: World["database"] = {
        ...world.database,
        exclusively: (_, act) => act(),
        async query(text, values, options) {
          if (text.includes("end_payout")) {
            reached();
            await mayGoOn;
          }
          return world.database.query(text, values, options);
        },
      };
      return { isThere, goOn: () => goOn(), service: world.another({ database, wallet }) };
    }

    async function expectTakenOver(first: ReturnType<typeof stalled>, seconds: number) {
      const round = first.service.tick();
      await first.isThere;
      world.clock.advanceSeconds(seconds);
      world.outside.next("payInvoice", "unknown-stuck");
      await world.another({ database: { ...world.database, exclusively: (_, act) => act() } }).tick();
      first.goOn();
      await round.catch(() => {});
      await expectHeld();
      world.outside.settle(world.outside.payments[0]?.paymentHash as string);
      await goOn(120);
      await expectPaidOnce();
    }

    it("which has got an invoice, where the first one got none", async () => {
      let asked = 0;
      world.payees.user("alice").request = (request, response) => {
        if (!request.url?.includes("/callback/") || asked++ > 0) return false;
        response.writeHead(503).end();
        return true;
      };
      await expectTakenOver(stalled(), 15);
    });

    it("which has sent it again, where the first one was refused", async () => {
      const refuses = async () => ({ status: "failed" as const, reason: "The node is still starting." });
      await expectTakenOver(stalled({ ...world.outside.wallet, payInvoice: refuses }), 200);
    });
  });

  it("a refusal that the wallet's own books contradict is none", async () => {
    const wallet: LightningWallet = {
      ...world.outside.wallet,
      async payInvoice(input) {
        await world.outside.wallet.payInvoice(input);
        return { status: "failed", reason: "A proxy in between says so." };
      },
    };
    await world.another({ wallet }).tick();
    await expectPaidOnce();
  });

  describe("a refusal while the wallet cannot be asked whether it is so", () => {
    const refusal = () => new L402Error("PROVIDER_UNREACHABLE", "LND at 10.0.0.7:8080 is away.", { fundsMoved: "no" });

    /** Somebody breaks all connections to the wallet, after it has read what it is asked. */
    function brokenWallet(pays: boolean) {
      const state = { isBroken: true };
      const wallet: LightningWallet = {
        ...world.outside.wallet,
        async payInvoice(input) {
          if (pays) await world.outside.wallet.payInvoice(input);
          throw refusal();
        },
        async lookupPayment(hash) {
          if (state.isBroken) throw refusal();
          return world.outside.wallet.lookupPayment(hash);
        },
      };
      return { state, service: world.another({ wallet }) };
    }

    it("is none: what was paid is found, and paid once", async () => {
      const { state, service } = brokenWallet(true);
      for (let i = 0; i < 5; i++) {
        await service.tick();
        world.clock.advanceSeconds(60);
      }
      await expectHeld();
      state.isBroken = false;
      await service.tick();
      await expectPaidOnce();
    });

    it("counts when it can be asked and knows nothing, by itself, also after the invoice has expired", async () => {
      const { state, service } = brokenWallet(false);
      await service.tick();
      world.clock.advanceSeconds(3 * 3_600);
      await service.tick();
      expect(await payouts()).toMatchObject([{ status: "sending" }]);
      state.isBroken = false;
      world.clock.advanceSeconds(3_600);
      await service.tick();
      expect((await payouts()).at(-1)).toMatchObject({ status: "failed" });
      expect(await world.balanceOf(owner)).toBe(had);
      expect(world.outside.payments).toEqual([]);
      expect(world.alarms).toEqual([]);
    });
  });

  it.each([
    ["rejects", () => Promise.reject(new Error("ECONNRESET 10.0.0.1"))],
    ["answers nonsense", () => Promise.resolve({ status: "maybe" } as never)],
  ])("stays unknown when the wallet %s", async (_, payInvoice) => {
    const broken: LightningWallet = { ...world.outside.wallet, payInvoice };
    await world.another({ wallet: broken }).tick();
    expect(await payouts()).toMatchObject([{ status: "sending" }]);
    expect((await world.service.balance(owner.id)).pendingMsat).toBe(RESERVE);
    await goOn(240);
    await expectPaidOnce();
  });
});

describe("the operator gives up a payout", () => {
  const lost: Partial<LightningWallet> = {
    payInvoice: async () => ({ status: "unknown", reason: "?" }),
    lookupPayment: async () => ({ status: "not-found" }),
  };

  it("a day after its invoice has expired, and no sooner", async () => {
    const service = world.another({ wallet: { ...world.outside.wallet, ...lost } });
    await service.tick();
    const [payout] = await payouts();
    const giveUp = () => service.giveUpPayout(payout?.id as string);
    for (const seconds of [0, 600, 86_399]) {
      world.clock.advanceSeconds(seconds === 86_399 ? 86_399 - 600 : seconds);
      expect(problemOf(await giveUp().catch((error: unknown) => error))).toMatchObject({ code: "ALREADY_UNDER_WAY" });
    }
    world.clock.advanceSeconds(601);
    expect(await giveUp()).toMatchObject({ status: "failed" });
    expect(await world.balanceOf(owner)).toBe(had);
    expect(problemOf(await giveUp().catch((error: unknown) => error))).toMatchObject({ code: "NOT_FOUND" });
  });

  it("never while the wallet knows of it, and what it knows counts", async () => {
    world.outside.next("payInvoice", "unknown-stuck");
    await world.service.tick();
    const [payout] = await payouts();
    world.clock.advanceSeconds(30 * 86_400);
    const giveUp = () => world.service.giveUpPayout(payout?.id as string);
    expect(problemOf(await giveUp().catch((error: unknown) => error))).toMatchObject({ code: "ALREADY_UNDER_WAY" });
    world.outside.settle(payout?.payment_hash as string);
    expect(await giveUp()).toMatchObject({ status: "paid" });
    await expectPaidOnce();
  });
});
