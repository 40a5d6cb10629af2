import type { InvoiceState, LightningProvider } from "@l402/core";
import { fakeLightning } from "@l402/testing";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { InvoiceRow } from "../../src/invoices/invoices.ts";
import type { Merchant } from "../../src/merchants/merchants.ts";
import { startSilentServer } from "../silent-server.ts";
import { openWorld, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld({ payoutThresholdMsat: 1_000_000_000 });
});
afterAll(() => world.close());

const order = { amountMsat: 100_000, description: "Tea", expiresInSeconds: 600 };

async function open(): Promise<{ merchant: Merchant; row: InvoiceRow; balance(): Promise<number> }> {
  const { merchant } = await world.register();
  const row = await world.service.invoices.create(merchant, order);
  return { merchant, row, balance: () => world.balanceOf(merchant) };
}

describe("a payment", () => {
  it("is credited once, however often and from wherever one hears of it", async () => {
    const { row, balance } = await open();
    world.node.settle(row.payment_hash);
    const others = [world.another(), world.another()];
    await Promise.all(
      Array.from({ length: 100 }, (_, i) => [world.service, ...others][i % 3]?.settlement.hint(row.payment_hash)),
    );
    for (const service of others) await service.settlement.hint(row.payment_hash);
    await world.service.settlement.check(row);
    expect(await balance()).toBe(99_700);
  });

  it("is not credited because somebody says so: a forged hint only makes the service ask", async () => {
    const { row, balance } = await open();
    const other = await open();
    world.node.settle(other.row.payment_hash);
    const asked = world.node.calls.lookupInvoice;
    for (let i = 0; i < 100; i++) await world.service.settlement.hint(row.payment_hash);
    await world.service.settlement.hint("ab".repeat(32));
    await world.service.settlement.hint("'; drop schema managed; --");
    expect(await balance()).toBe(0);
    // A hundred at once are one question.
    expect(world.node.calls.lookupInvoice - asked).toBeLessThan(20);
    expect((await world.service.invoices.find(row.payment_hash))?.status).toBe("open");
  });

  it("is found by the sweep when nobody said anything, and by one of several processes", async () => {
    const { row, balance } = await open();
    world.node.settle(row.payment_hash);
    expect(await balance()).toBe(0);
    world.clock.advanceSeconds(3);
    await Promise.all([world.service.settlement.sweep(), world.another().settlement.sweep()]);
    expect(await balance()).toBe(99_700);
    expect(await world.service.invoices.find(row.payment_hash)).toMatchObject({ status: "settled", fee_msat: 300 });
  });

  it("is found when the node was away at first", async () => {
    const { row, balance } = await open();
    world.node.settle(row.payment_hash);
    world.node.always("lookupInvoice", "PROVIDER_UNREACHABLE");
    world.clock.advanceSeconds(3);
    await world.service.settlement.sweep();
    await expect(world.another().settlement.check(row)).rejects.toMatchObject({ code: "PROVIDER_UNREACHABLE" });
    expect(await balance()).toBe(0);
    world.node.heal();
    world.clock.advanceSeconds(60);
    await world.another().settlement.sweep();
    expect(await balance()).toBe(99_700);
  });

  it("that nobody can see, because the node does not answer, is told to the operator", async () => {
    const own = await openWorld();
    const { merchant } = await own.register();
    const sweepFor = async (minutes: number) => {
      for (let minute = 0; minute < minutes; minute++) {
        await own.service.invoices.create(merchant, order);
        own.clock.advanceSeconds(60);
        await own.service.settlement.sweep();
      }
    };
    await sweepFor(10);
    own.node.always("lookupInvoice", "PROVIDER_UNAUTHORIZED");
    await sweepFor(5);
    expect(own.alarms).toEqual([]);
    await sweepFor(60);
    const alarm = expect.stringMatching(
      /^The node does not tell which invoices were paid, so no payment is credited: /,
    );
    expect(own.alarms).toEqual([alarm]);
    expect((await own.service.notices.list(null)).map(({ kind }) => kind)).toEqual(["node"]);
    await own.close();
  });

  it("that cannot be credited is told, and tried again", async () => {
    const { row, balance } = await open();
    world.node.settle(row.payment_hash);
    const onStep = (step: string) => {
      if (step === "settlement-seen") throw new Error("The disk is full.");
    };
    world.clock.advanceSeconds(3);
    await expect(world.another({ onStep }).settlement.sweep()).rejects.toThrow("The disk is full.");
    world.clock.advanceSeconds(10);
    await world.another().settlement.sweep();
    expect(await balance()).toBe(99_700);
  });

  it("is credited when it comes a day late, or after its invoice has expired", async () => {
    const { merchant } = await world.register();
    const balance = () => world.balanceOf(merchant);
    const late = await world.service.invoices.create(merchant, { ...order, expiresInSeconds: 7 * 86_400 });
    for (let i = 0; i < 60; i++) {
      world.clock.advanceSeconds(1_440);
      await world.another().settlement.sweep();
    }
    expect(await balance()).toBe(0);
    world.node.settle(late.payment_hash);
    world.clock.advanceSeconds(86_401);
    await world.another().settlement.sweep();
    expect(await balance()).toBe(99_700);
  });

  it("of a canceled invoice is credited all the same, because the money is there", async () => {
    const states: Record<string, InvoiceState> = {};
    const own = await openWorld();
    const inner = own.node.provider;
    const provider: LightningProvider = {
      ...inner,
      lookupInvoice: async (ref) => states[ref.paymentHash] ?? (await inner.lookupInvoice(ref)),
    };
    const { merchant } = await own.register();
    const row = await own.service.invoices.create(merchant, order);
    states[row.payment_hash] = { status: "canceled" };
    expect(await own.another({ provider }).settlement.check(row)).toMatchObject({ status: "canceled" });
    states[row.payment_hash] = { status: "settled" };
    expect(await own.another({ provider }).settlement.check(row)).toMatchObject({ status: "settled" });
    expect(await own.balanceOf(merchant)).toBe(99_700);
    expect(await own.service.solvency.audit()).toEqual([]);
    await own.close();
  });

  it("of an invoice that the node once said to be canceled is found by the sweep, up to a month after it has expired", async () => {
    const own = await openWorld({ payoutThresholdMsat: 1_000_000_000 });
    const { merchant } = await own.register();
    const soon = await own.service.invoices.create(merchant, order);
    const isCanceled = { ...own.node.provider, lookupInvoice: async () => ({ status: "canceled" }) as const };
    own.clock.advanceSeconds(3);
    // A store whose node is another one for a moment.
    await own.another({ provider: isCanceled }).settlement.sweep();
    expect(await own.service.invoices.find(soon.payment_hash)).toMatchObject({ status: "canceled" });
    own.node.settle(soon.payment_hash);
    own.clock.advanceSeconds(10);
    await own.another().settlement.sweep();
    expect(await own.balanceOf(merchant)).toBe(99_700);
    const late = await own.service.invoices.create(merchant, order);
    own.node.settle(late.payment_hash);
    for (let day = 0; day < 27; day++) {
      own.clock.advanceSeconds(86_400);
      await own.another({ provider: isCanceled }).settlement.sweep();
    }
    expect(await own.balanceOf(merchant)).toBe(99_700);
    own.clock.advanceSeconds(8 * 86_400);
    await own.another().settlement.sweep();
    expect(await own.balanceOf(merchant)).toBe(2 * 99_700);
    // What an older version has left behind.
    const before = await own.service.invoices.create(merchant, order);
    own.node.settle(before.payment_hash);
    await own.database.query(
      "update managed.invoices set status = 'canceled', next_check_at = null where payment_hash = $1",
      [before.payment_hash],
    );
    own.clock.advanceSeconds(86_400);
    await own.another().settlement.sweep();
    expect(await own.balanceOf(merchant)).toBe(3 * 99_700);
    expect(await own.service.solvency.audit()).toEqual([]);
    await own.close();
  });

  it.each([
    ["more", 150_001, 150_001],
    ["less", 99_999, 99_999],
    ["zero, since all of it became a fee", 0, 0],
    ["nothing that is a number", Number.NaN, 100_000],
    ["less than nothing", -5, 100_000],
    ["nothing", undefined, 100_000],
  ])("is credited for what was received, where the node says %s", async (_, receivedMsat, credited) => {
    const lightning = fakeLightning({ clock: world.clock });
    const provider: LightningProvider = {
      ...lightning.provider,
      async lookupInvoice(ref) {
        return {
          ...(await lightning.provider.lookupInvoice(ref)),
          ...(receivedMsat !== undefined && { receivedMsat }),
        };
      },
    };
    const service = world.another({ provider });
    const { merchant } = await world.register();
    const row = await service.invoices.create(merchant, order);
    lightning.settle(row.payment_hash);
    const fee = Math.floor((credited * 3) / 1_000);
    expect(await service.settlement.check(row)).toMatchObject({ received_msat: credited, fee_msat: fee });
    expect(await world.balanceOf(merchant)).toBe(credited - fee);
  });

  it("is asked for less and less often, and no more a month after the invoice has expired", async () => {
    const own = await openWorld();
    const { merchant } = await own.register();
    await own.service.invoices.create(merchant, order);
    for (let hour = 0; hour < 24 * 33; hour++) {
      // A new one each time, because one does not ask twice within a moment.
      await own.another().settlement.sweep();
      own.clock.advanceSeconds(3_600);
    }
    const asked = own.node.calls.lookupInvoice;
    expect(asked).toBeGreaterThan(10);
    expect(asked).toBeLessThan(20);
    own.clock.advanceSeconds(86_400 * 365);
    await own.service.settlement.sweep();
    expect(own.node.calls.lookupInvoice).toBe(asked);
    await own.close();
  });

  it("for whoever has no key is asked for nine times, until a day after the invoice has expired", async () => {
    const own = await openWorld({ payoutThresholdMsat: 1_000_000_000 });
    const shop = await own.service.merchants.byAddress(own.payees.address("shop"));
    await own.service.invoices.create(shop, { ...order, expiresInSeconds: 3_600 });
    const paid = await own.service.invoices.create(shop, { ...order, expiresInSeconds: 3_600 });
    const begun = own.clock().getTime();
    const sweepUntil = async (hours: number) => {
      for (let age = 0; age < hours * 3_600; ) {
        age = (own.clock().getTime() - begun) / 1_000;
        own.clock.advanceSeconds(1 + Math.floor(age / 8));
        // A new one each time, because one does not ask twice within a moment.
        await own.another().settlement.sweep();
      }
    };
    await sweepUntil(0.8);
    own.node.settle(paid.payment_hash);
    expect(await own.balanceOf(shop)).toBe(0);
    await sweepUntil(2);
    expect(await own.balanceOf(shop)).toBe(99_700);
    await sweepUntil(200);
    const asked = own.node.calls.lookupInvoice;
    // Both: the one that was paid is not asked for after that.
    expect(asked).toBeGreaterThan(10);
    expect(asked).toBeLessThanOrEqual(15);
    await sweepUntil(2_000);
    expect(own.node.calls.lookupInvoice).toBe(asked);
    await own.close();
  });

  it("of a merchant waits for one batch of strangers at most, however many invoices they had made", async () => {
    const own = await openWorld();
    const stranger = await own.service.merchants.byAddress(own.payees.address("stranger"));
    for (let i = 0; i < 5; i++)
      await Promise.all(Array.from({ length: 50 }, () => own.service.invoices.create(stranger, order)));
    const { merchant } = await own.register();
    const row = await own.service.invoices.create(merchant, order);
    own.node.settle(row.payment_hash);
    own.clock.advanceSeconds(3);
    // The merchant's, and a batch of theirs; the rest comes next.
    expect(await own.service.settlement.sweep()).toBe(201);
    expect(await own.balanceOf(merchant)).toBe(99_700);
    expect(await own.service.settlement.sweep()).toBe(50);
    await own.close();
  });

  it("is found although its invoice was given up by a wrong clock, and so is the next payout", async () => {
    const own = await openWorld();
    const { merchant } = await own.register();
    const row = await own.service.invoices.create(merchant, order);
    const begun = own.clock();
    own.clock.advanceSeconds(40 * 86_400);
    await own.service.settlement.sweep();
    expect(await own.database.query("select next_check_at, status from managed.invoices")).toEqual([
      { next_check_at: null, status: "open" },
    ]);
    // The clock is right again, and the buyer pays in time.
    own.clock.set(new Date(begun.getTime() + 60_000));
    own.node.settle(row.payment_hash);
    expect(await own.service.settlement.sweep()).toBe(1);
    own.clock.advanceSeconds(60);
    await own.another().settlement.sweep();
    expect(await own.balanceOf(merchant)).toBe(99_700);
    // The same for a process that starts after that, and for an invoice that was only put off.
    const later = await own.service.invoices.create(merchant, order);
    const ahead = [10, 2].map((days) => new Date(begun.getTime() + days * 86_400_000));
    for (const next of [null, ...ahead]) {
      await own.database.query("update managed.invoices set next_check_at = $2 where payment_hash = $1", [
        later.payment_hash,
        next,
      ]);
      const asked = own.node.calls.lookupInvoice;
      await own.another().settlement.sweep();
      expect(own.node.calls.lookupInvoice).toBe(asked + 1);
    }
    // Payouts that it put off.
    await own.database.query("update managed.merchants set next_payout_at = $1", [
      new Date(begun.getTime() + 40 * 86_400_000),
    ]);
    await own.sell(merchant, 2_000_000);
    await own.service.tick();
    expect(await own.service.payouts.list(null)).toMatchObject([{ status: "paid" }]);
    await own.close();
  });

  it("is found after an outage of more than a month, even if the node is not up yet at the first look", async () => {
    const own = await openWorld();
    const { merchant } = await own.register();
    const row = await own.service.invoices.create(merchant, order);
    own.node.settle(row.payment_hash);
    own.clock.advanceSeconds(31 * 86_400);
    own.node.always("lookupInvoice", "PROVIDER_UNREACHABLE");
    expect(await own.service.settlement.sweep()).toBe(1);
    expect(await own.balanceOf(merchant)).toBe(0);
    own.node.heal();
    own.clock.advanceSeconds(86_400);
    expect(await own.another().settlement.sweep()).toBe(1);
    expect(await own.balanceOf(merchant)).toBe(99_700);
    await own.close();
  });

  it("waits for no direct merchant whose server never answers, and who is asked for a month", async () => {
    const own = await openWorld();
    const silent = await startSilentServer();
    own.payees.user("mallory").invoice = (honest) => ({
      ...honest,
      verify: `${silent.url}/${String(honest.verify).slice(-64)}`,
    });
    const { merchant: mallory } = await own.register("mallory", "direct");
    // More than are asked at once.
    for (let i = 0; i < 40; i++) await own.service.invoices.create(mallory, order);
    const { merchant } = await own.register();
    const row = await own.service.invoices.create(merchant, order);
    own.node.settle(row.payment_hash);
    own.clock.advanceSeconds(10);
    const stop = own.service.start();
    await vi.waitFor(() => expect(silent.asked.length).toBeGreaterThan(0));
    await vi.waitFor(async () => expect(await own.balanceOf(merchant)).toBe(99_700));
    silent.close();
    await stop();
    own.clock.advanceSeconds(40 * 86_400);
    expect(await own.service.settlement.sweepDirect()).toBe(40);
    own.clock.advanceSeconds(86_400);
    expect(await own.service.settlement.sweepDirect()).toBe(0);
    await own.close();
  });

  it("is found in a crowd: the sweep goes on until it is through", async () => {
    const own = await openWorld();
    const { merchant } = await own.register();
    const rows = await Promise.all(Array.from({ length: 210 }, () => own.service.invoices.create(merchant, order)));
    own.node.settle(rows[209]?.payment_hash as string);
    own.node.settle(rows[0]?.payment_hash as string);
    own.clock.advanceSeconds(3);
    expect(await own.service.settlement.sweep()).toBe(210);
    expect(await own.balanceOf(merchant)).toBe(2 * 99_700);
    await own.close();
  });
});
