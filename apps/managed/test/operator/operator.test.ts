import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { problemOf } from "../../src/problem.ts";
import { openWorld, type World } from "../world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(async () => {
  expect(await world.service.solvency.audit()).toEqual([]);
  await world.close();
});

const refused = (code: string) => (error: unknown) => expect(problemOf(error)).toMatchObject({ code });
const never = () => expect.unreachable();
const invoice = async (amountMsat: number) =>
  (await world.outside.provider.createInvoice({ amountMsat, description: "", expiresInSeconds: 600 })).bolt11;

describe("the operator", () => {
  it("withdraws at most the fees", async () => {
    const { merchant } = await world.register();
    for (let i = 0; i < 4; i++) await world.sell(merchant, 1_000_000);
    const withdraw = async (msat: number, key: string, maxFeeMsat = 0) =>
      world.service.withdrawals.forOperator({ bolt11: await invoice(msat), maxFeeMsat }, key);
    await withdraw(12_001, "a").then(never, refused("BALANCE_TOO_LOW"));
    await withdraw(12_000, "b", 1).then(never, refused("BALANCE_TOO_LOW"));
    expect(await (await withdraw(7_000, "c")).sent).toMatchObject({ status: "paid", account: "fee" });
    await withdraw(5_001, "d").then(never, refused("BALANCE_TOO_LOW"));
    expect(await (await withdraw(5_000, "e")).sent).toMatchObject({ status: "paid" });
    const { balance } = await world.service.solvency.measure();
    expect(balance).toMatchObject({ feeMsat: 0, feePendingMsat: 0, merchantsMsat: 4 * 997_000 });
    expect(balance.nodeMsat).toBe(world.nodeBalanceMsat());
  });

  it("cannot take the fees twice by asking many times at once", async () => {
    const { merchant } = await world.register();
    await world.sell(merchant, 1_000_000_000);
    const asks = await Promise.allSettled(
      Array.from({ length: 10 }, async (_, i) =>
        world.another().withdrawals.forOperator({ bolt11: await invoice(1_000_000), maxFeeMsat: 0 }, `k${i}`),
      ),
    );
    const begun = asks.flatMap((ask) => (ask.status === "fulfilled" ? [ask.value.sent] : []));
    expect(begun).toHaveLength(3);
    await Promise.all(begun);
  });

  it("cannot take what the node is short of, although the ledger says that it is the operator's", async () => {
    const { merchant } = await world.register();
    await world.sell(merchant, 1_000_000);
    const service = world.another({ nodeBalanceMsat: () => world.nodeBalanceMsat() - 2_500 });
    const withdraw = async (msat: number, key: string) =>
      service.withdrawals.forOperator({ bolt11: await invoice(msat), maxFeeMsat: 0 }, key);
    await withdraw(1_000, "a").then(never, refused("BALANCE_TOO_LOW"));
    expect(await (await withdraw(500, "b")).sent).toMatchObject({ status: "paid" });
  });

  it("cannot take what a payout that has not left yet seems to add", async () => {
    const { merchant } = await world.register();
    await world.sell(merchant, 2_000_000);
    // Its wallet has it in a queue: the money is still in the node, and is owed.
    const wallet = {
      ...world.outside.wallet,
      payInvoice: async () => ({ status: "unknown" as const, reason: "Queued." }),
    };
    await world.another({ wallet }).tick();
    expect((await world.service.solvency.measure()).inFlightMsat).toBeGreaterThan(0);
    const short = world.another({ nodeBalanceMsat: () => world.nodeBalanceMsat() - 6_000 });
    await short.withdrawals
      .forOperator({ bolt11: await invoice(1_000), maxFeeMsat: 0 }, "a")
      .then(never, refused("BALANCE_TOO_LOW"));
  });

  describe("cannot take more than the node has above what is owed, also by two withdrawals", () => {
    async function shortWorld() {
      const { merchant } = await world.register();
      for (let i = 0; i < 40; i++) await world.sell(merchant, 1_000_000);
      // Of 120 000 msat in fees, 70 000 are there.
      const nodeBalanceMsat = () => world.nodeBalanceMsat() - 50_000;
      return (key: string) =>
        invoice(55_000)
          .then((bolt11) =>
            world.another({ nodeBalanceMsat }).withdrawals.forOperator({ bolt11, maxFeeMsat: 5_000 }, key),
          )
          .then(
            async ({ sent }) => (await sent).status,
            (error) => problemOf(error)?.code,
          );
    }

    async function expectSolvent() {
      const { heldMsat, owedMsat } = await world.service.solvency.measure();
      expect(heldMsat - 50_000).toBeGreaterThanOrEqual(owedMsat);
    }

    it("at once", async () => {
      const withdraw = await shortWorld();
      const said = await Promise.all(["a", "b", "c"].map(withdraw));
      expect(said.sort()).toEqual(["BALANCE_TOO_LOW", "BALANCE_TOO_LOW", "paid"]);
      await expectSolvent();
    });

    it("of which the first is still under way", async () => {
      const withdraw = await shortWorld();
      world.outside.always("payInvoice", "unknown-stuck");
      expect([await withdraw("a"), await withdraw("b")]).toEqual(["sending", "BALANCE_TOO_LOW"]);
      for (const { paymentHash } of world.outside.payments) world.outside.settle(paymentHash);
      world.clock.advanceSeconds(60);
      await world.service.tick();
      await expectSolvent();
    });
  });

  it("pays with fees for what payouts cost above their limits, and cannot take that part", async () => {
    const { merchant } = await world.register();
    await world.sell(merchant, 10_000_000);
    await world.database.query(
      "select managed.reserve_payout('overrun', $1, 'withdrawal', 'x', 1000, 0, now(), 'ln', repeat('a', 64), now(), null, null)",
      [`merchant:${merchant.id}`],
    );
    await world.database.query("select managed.end_payout('overrun', 'preimage', 10000, null, now())");
    const withdraw = async (msat: number, key: string) =>
      world
        .another({ nodeBalanceMsat: () => 20_000_000 })
        .withdrawals.forOperator({ bolt11: await invoice(msat), maxFeeMsat: 0 }, key);
    await withdraw(20_001, "a").then(never, refused("BALANCE_TOO_LOW"));
    expect(await (await withdraw(20_000, "b")).sent).toMatchObject({ status: "paid" });
  });
});

describe("solvency", () => {
  it("pauses payouts and alarms when the node has a msat less than is owed, and nothing leaves", async () => {
    const { merchant, ownerKey } = await world.register();
    await world.sell(merchant, 2_000_000);
    const owner = await world.service.merchants.byOwnerKey(ownerKey);
    const short = world.another({ nodeBalanceMsat: () => 1_994_000 - 1 });
    await short.tick();
    expect(world.outside.calls.payInvoice).toBe(0);
    expect(world.alarms).toEqual([expect.stringContaining("Payouts are paused")]);
    expect(await world.service.notices.list(null)).toMatchObject([{ kind: "solvency" }]);
    // For every process, and until a person says otherwise, also when the node has more again.
    await world.service.tick();
    await world.service.withdrawals
      .forMerchant(owner, { bolt11: await invoice(1_000) }, "k")
      .then(never, refused("PAYOUTS_PAUSED"));
    expect(world.outside.calls.payInvoice).toBe(0);
    await short.solvency.check();
    expect(world.alarms).toHaveLength(1);

    await world.service.switches.turnOff("payouts_paused");
    await world.service.tick();
    expect(await world.service.payouts.list(null)).toMatchObject([{ status: "paid" }]);
  });

  it("is told also where payouts were paused for something else, and pauses them again once they are resumed", async () => {
    const { merchant } = await world.register();
    await world.sell(merchant, 2_000_000);
    let missing = 1;
    const short = world.another({ nodeBalanceMsat: () => 1_994_000 - missing });
    await short.switches.turnOn("payouts_paused", "A check");
    for (const count of [1, 2]) {
      await short.tick();
      await short.solvency.check();
      expect(world.alarms).toHaveLength(count);
      await short.switches.turnOff("payouts_paused");
    }
    expect(world.outside.calls.payInvoice).toBe(0);
    missing = 0;
    await short.tick();
    expect(await world.service.payouts.list(null)).toMatchObject([{ status: "paid" }]);
  });

  it("is told again once it was in order meanwhile, and where the alarm could not be written down", async () => {
    const { merchant } = await world.register();
    await world.sell(merchant, 2_000_000);
    let missing = 1;
    let isDown = true;
    const query: typeof world.database.query = async (text, ...more) => {
      if (isDown && text.includes("managed.notices")) throw new Error("The connection was lost.");
      return world.database.query(text, ...more);
    };
    const nodeBalanceMsat = () => 1_994_000 - missing;
    const short = world.another({ nodeBalanceMsat, database: { ...world.database, query } });
    await expect(short.solvency.check()).rejects.toThrow("was lost");
    isDown = false;
    for (missing of [1, 1, 0, 1]) await short.solvency.check();
    expect(world.alarms).toHaveLength(2);
  });

  it("is measured by what the wallet says, where nobody else does, and by the ledger where it says nothing", async () => {
    const { merchant } = await world.register();
    await world.sell(merchant, 2_000_000);
    const { wallet } = world.outside;
    const asked = world.another({ nodeBalanceMsat: undefined, wallet: { ...wallet, balanceMsat: async () => 7 } });
    expect(await asked.solvency.measure()).toMatchObject({ spendableMsat: 7, isSolvent: false });
    const silent = await world.another({ nodeBalanceMsat: undefined }).solvency.measure();
    expect(silent).toMatchObject({ heldMsat: 2_000_000, isSolvent: true });
    expect(silent).not.toHaveProperty("spendableMsat");
  });

  it("is there when the node has exactly what is owed", async () => {
    const { merchant } = await world.register();
    await world.sell(merchant, 2_000_000);
    const exact = world.another({ nodeBalanceMsat: () => 1_994_000 });
    expect(await exact.solvency.check()).toMatchObject({ isSolvent: true, owedMsat: 1_994_000, heldMsat: 1_994_000 });
  });

  it("counts a payout that is under way as owed, and as held", async () => {
    const { merchant } = await world.register();
    await world.sell(merchant, 2_000_000);
    world.outside.next("payInvoice", "unknown-stuck");
    await world.service.tick();
    const found = await world.service.solvency.check();
    expect(found).toMatchObject({ isSolvent: true, owedMsat: 1_994_000, inFlightMsat: 1_993_740 });
    expect(found.spendableMsat).toBe(world.nodeBalanceMsat());
  });

  it("is not denied because a payment comes in while it is measured", async () => {
    const { merchant } = await world.register();
    const service = world.another({
      async nodeBalanceMsat() {
        const before = world.nodeBalanceMsat();
        await world.sell(merchant, 1_000_000);
        return before;
      },
    });
    await service.solvency.check();
    expect(world.alarms).toEqual([]);
  });

  it("is not denied because a payout ends while it is measured", async () => {
    const { merchant } = await world.register();
    await world.sell(merchant, 2_000_000);
    world.outside.next("payInvoice", "unknown-stuck");
    await world.service.tick();
    world.outside.settle(world.outside.payments[0]?.paymentHash as string);
    world.clock.advanceSeconds(60);
    let asked = 0;
    const service = world.another({
      async nodeBalanceMsat() {
        if (++asked === 2) await world.service.tick();
        return world.nodeBalanceMsat();
      },
    });
    expect(await service.solvency.measure()).toMatchObject({ isSolvent: true, owedMsat: 1_994_000 });
    expect(await world.service.payouts.list(null)).toMatchObject([{ status: "paid" }]);
  });

  it("is looked at before a withdrawal too, not by the payout loop alone", async () => {
    const { merchant, ownerKey } = await world.register();
    await world.sell(merchant, 1_000_000);
    const owner = await world.service.merchants.byOwnerKey(ownerKey);
    const short = world.another({ nodeBalanceMsat: () => world.nodeBalanceMsat() - 500_000 });
    const bolt11 = await invoice(400_000);
    await short.withdrawals.forMerchant(owner, { bolt11 }, "a").then(never, refused("PAYOUTS_PAUSED"));
    const blind = world.another({ nodeBalanceMsat: () => Promise.reject(new Error("no connection to 10.0.0.7")) });
    await world.service.switches.turnOff("payouts_paused");
    await blind.withdrawals.forMerchant(owner, { bolt11 }, "a").then(never, refused("NODE_UNAVAILABLE"));
    expect(world.outside.calls.payInvoice).toBe(0);
  });

  it("lets nothing leave while the node cannot be asked", async () => {
    const { merchant } = await world.register();
    await world.sell(merchant, 2_000_000);
    const blind = world.another({ nodeBalanceMsat: () => Promise.reject(new Error("no connection")) });
    await expect(blind.tick()).rejects.toThrow("no connection");
    await expect(blind.windDown()).rejects.toThrow("no connection");
    expect(await world.service.payouts.list(null)).toEqual([]);
    expect(world.outside.calls.payInvoice).toBe(0);
  });

  it("goes on looking after payouts under way while they are paused, and begins none", async () => {
    const [stuck, other] = [await world.register(), await world.register()];
    await world.sell(stuck.merchant, 2_000_000);
    world.outside.next("payInvoice", "unknown-stuck");
    await world.service.tick();
    await world.service.switches.turnOn("payouts_paused", "A check");
    await world.sell(other.merchant, 2_000_000);
    world.outside.settle(world.outside.payments[0]?.paymentHash as string);
    world.clock.advanceSeconds(60);
    await world.service.tick();
    expect(await world.service.payouts.list(null)).toMatchObject([{ status: "paid" }]);
  });
});

describe("wind-down", () => {
  it("stops invoices, pays out everything that can be, and says what is left and why", async () => {
    const sizes = [1_500_000, 400_000, 30_000, 7_000, 1_004];
    const merchants = [];
    for (const size of sizes) {
      const { merchant } = await world.register();
      await world.sell(merchant, size);
      merchants.push(merchant);
    }
    const dead = await world.register("dead");
    await world.sell(dead.merchant, 50_000);
    world.payees.user("dead").isDown = true;
    const picky = await world.register("picky");
    await world.sell(picky.merchant, 50_000);
    Object.assign(world.payees.user("picky"), { minSendable: 1_000_000 });

    const { payouts, left } = await world.service.windDown();
    expect(payouts).toBeGreaterThanOrEqual(sizes.length);
    const whys = Object.fromEntries(left.map(({ merchantId, why }) => [merchantId, why]));
    expect(whys[dead.merchant.id]).toContain("failed");
    expect(whys[picky.merchant.id]).toMatch(/less than|failed/);
    for (const { id } of merchants) {
      const { availableMsat, pendingMsat } = await world.service.balance(id);
      expect(availableMsat).toBeLessThan(1_000);
      expect(pendingMsat).toBe(0);
    }
    const order = { amountMsat: 1_000, description: "", expiresInSeconds: 60 };
    const another = world.another();
    await another.invoices
      .create(merchants[0] as (typeof merchants)[0], order)
      .then(never, refused("INVOICES_STOPPED"));

    // What is left is paid out when it can be; no command is needed for that.
    world.payees.user("dead").isDown = false;
    for (let i = 0; i < 10; i++) {
      world.clock.advanceSeconds(60);
      await world.service.tick();
    }
    expect(await world.balanceOf(dead.merchant)).toBeLessThan(1_000);
    const dust = (await world.service.windDown()).left.find(({ merchantId }) => merchantId === dead.merchant.id);
    expect(dust).toMatchObject({ why: "less than its address takes" });
    expect((await world.service.solvency.measure()).balance.nodeMsat).toBe(world.nodeBalanceMsat());
  });
});

it("a wind-down while payouts are paused says so, and goes on once they are resumed", async () => {
  const { merchant } = await world.register();
  await world.sell(merchant, 50_000);
  await world.service.switches.turnOn("payouts_paused", "A check");
  expect((await world.service.windDown()).left).toMatchObject([{ why: "payouts are paused" }]);
  await world.service.switches.turnOff("payouts_paused");
  await world.service.tick();
  expect(await world.service.payouts.list(null)).toMatchObject([{ status: "paid" }]);
});

it("a wind-down also pays those who come after a hundred that cannot be paid", async () => {
  for (let i = 0; i < 100; i++) {
    Object.assign(world.payees.user(`picky-${i}`), { minSendable: 5_000_000 });
    await world.sell((await world.register(`picky-${i}`)).merchant, 50_000);
  }
  const { merchant } = await world.register();
  await world.sell(merchant, 500_000);
  expect((await world.service.windDown()).payouts).toBeGreaterThan(0);
  expect(await world.balanceOf(merchant)).toBeLessThan(1_000);
});

describe("a wind-down of a service that pays out at once", () => {
  beforeEach(async () => {
    await world.close();
    world = await openWorld({ payoutIntervalSeconds: 0 });
  });

  it("asks an address that takes only more once, and comes to its end", async () => {
    const picky = world.payees.user("picky");
    Object.assign(picky, { minSendable: 5_000_000 });
    const { merchant } = await world.register("picky");
    await world.sell(merchant, 50_000);
    picky.requests = 0;
    expect((await world.service.windDown()).left).toMatchObject([{ why: "less than its address takes" }]);
    expect(picky.requests).toBeLessThan(3);
  });

  it("pays what an address takes again, be it little", async () => {
    Object.assign(world.payees.user("moody"), { minSendable: 5_000_000 });
    const { merchant } = await world.register("moody");
    await world.sell(merchant, 50_000);
    Object.assign(world.payees.user("moody"), { minSendable: 1_000 });
    // It remembers nothing of what the address said.
    const service = world.another();
    await service.windDown();
    expect(await world.balanceOf(merchant)).toBeLessThan(1_000);
  });

  it("is taken back with the stop of invoices", async () => {
    await world.service.windDown();
    await world.service.switches.turnOff("invoices_stopped");
    const { merchant } = await world.register();
    await world.sell(merchant, 10_000);
    await world.service.tick();
    expect(await world.balanceOf(merchant)).toBe(9_970);
  });
});

describe("a wind-down tries once more", () => {
  it("what was parked, and parks it again when it fails", async () => {
    const { merchant } = await world.register("parked");
    await world.sell(merchant, 2_000_000);
    const balance = () => world.balanceOf(merchant);
    const park = "update managed.merchants set parked_at = now(), payout_failures = 10 where id = $1";
    await world.database.query(park, [merchant.id]);
    await world.service.tick();
    expect(await balance()).toBe(1_994_000);
    world.payees.user("parked").isDown = true;
    expect((await world.service.windDown()).left).toMatchObject([{ why: "its payouts are parked" }]);
    world.payees.user("parked").isDown = false;
    await world.service.windDown();
    expect(await balance()).toBeLessThan(21_000);
  });
});

describe("statistics", () => {
  it("count what there is, and what every day brought", async () => {
    const { merchant } = await world.register();
    await world.sell(merchant, 2_000_000);
    world.clock.advanceSeconds(86_400);
    await world.sell(merchant, 1_000_000);
    await world.sell(merchant, 500_000);
    await world.service.invoices.create(merchant, { amountMsat: 1, description: "", expiresInSeconds: 60 });
    await world.service.tick();
    const found = await world.service.statistics(3);
    expect(found).toMatchObject({
      ...{ merchants: 1, parked: 0, oldestPayoutAt: null },
      invoices: { open: 1, canceled: 0, settled: 3 },
      payouts: { reserved: 0, sending: 0, paid: 1, failed: 0 },
    });
    const paidOutMsat = (await world.service.payouts.list(null))[0]?.amount_msat;
    expect(found.days).toEqual([
      { date: "2025-12-31", payments: 0, receivedMsat: 0, feeMsat: 0, paidOutMsat: 0 },
      { date: "2026-01-01", payments: 1, receivedMsat: 2_000_000, feeMsat: 6_000, paidOutMsat: 0 },
      { date: "2026-01-02", payments: 2, receivedMsat: 1_500_000, feeMsat: 4_500, paidOutMsat },
    ]);
  });
});
