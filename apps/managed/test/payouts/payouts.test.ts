import type { LightningWallet, PayInvoiceInput } from "@l402/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PayoutRow } from "../../src/payouts/payouts.ts";
import { openWorld, type World } from "../world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld({ feeMsat: 2_345, payoutAttempts: 4 });
});
afterEach(async () => {
  expect(await world.service.solvency.audit()).toEqual([]);
  await world.close();
});

const payoutsOf = (id: string) => world.service.payouts.list(`merchant:${id}`);

describe("a payout", () => {
  it("leaves when the balance reaches the threshold, in whole sats, and gives back what the way did not cost", async () => {
    const { merchant } = await world.register();
    await world.sell(merchant, 1_000_000);
    await world.service.tick();
    // 997 000 msat: below the threshold of 1 000 sats.
    expect(await payoutsOf(merchant.id)).toEqual([]);
    await world.sell(merchant, 10_000);
    await world.service.tick();
    const [payout] = await payoutsOf(merchant.id);
    expect(payout).toMatchObject({ status: "paid", amount_msat: 997_000, max_fee_msat: 9_970, fee_msat: 2_345 });
    expect(await world.service.balance(merchant.id)).toEqual({
      ...{ availableMsat: 997_000 + 9_970 - 997_000 - 2_345, pendingMsat: 0, owedMsat: 0 },
    });
    const { balance } = await world.service.solvency.measure();
    expect(balance.nodeMsat).toBe(world.nodeBalanceMsat());
  });

  it("the fee limit is the reserve, to the msat, at the wallet", async () => {
    const asked: PayInvoiceInput[] = [];
    const wallet: LightningWallet = {
      ...world.outside.wallet,
      payInvoice(input) {
        asked.push(input);
        return world.outside.wallet.payInvoice(input);
      },
    };
    const service = world.another({ wallet });
    const { merchant } = await world.register();
    await world.sell(merchant, 3_000_001);
    await service.tick();
    const [payout] = await payoutsOf(merchant.id);
    const [reserve] = await world.database.query<{ amount_msat: number }>(
      `select e.amount_msat from managed.entries e join managed.transactions t on t.id = e.transaction_id
        where t.kind = 'payout-reserved' and t.ref = $1 and e.amount_msat > 0`,
      [payout?.id],
    );
    expect(asked).toHaveLength(1);
    expect(asked[0]?.bolt11).toBe(payout?.bolt11);
    expect((payout?.amount_msat ?? 0) + (asked[0]?.maxFeeMsat ?? 0)).toBe(reserve?.amount_msat);
  });

  it("that cost more than its limit is not the merchant's loss, and the operator hears of it", async () => {
    const wallet: LightningWallet = {
      ...world.outside.wallet,
      async payInvoice(input) {
        const result = await world.outside.wallet.payInvoice({ ...input, maxFeeMsat: 1_000_000 });
        return result.status === "paid" ? { ...result, feeMsat: 20_000 } : result;
      },
    };
    const { merchant } = await world.register();
    await world.sell(merchant, 1_010_000);
    const had = await world.balanceOf(merchant);
    await world.another({ wallet }).tick();
    const [payout] = await payoutsOf(merchant.id);
    expect(had - (await world.balanceOf(merchant))).toBe((payout?.amount_msat ?? 0) + (payout?.max_fee_msat ?? 0));
    expect((await world.service.solvency.measure()).balance.routingMsat).toBe((payout?.max_fee_msat ?? 0) - 20_000);
    expect(world.alarms).toEqual([expect.stringContaining("was higher than its fee limit")]);
  });

  it("whose fee the wallet does not tell is booked at its limit", async () => {
    const wallet: LightningWallet = {
      ...world.outside.wallet,
      async payInvoice(input) {
        const result = await world.outside.wallet.payInvoice(input);
        return result.status === "paid" ? { ...result, feeMsat: Number.NaN } : result;
      },
    };
    const { merchant } = await world.register();
    await world.sell(merchant, 1_010_000);
    await world.another({ wallet }).tick();
    const [payout] = await payoutsOf(merchant.id);
    expect(payout).toMatchObject({ status: "paid", fee_msat: payout?.max_fee_msat });
    expect((await world.service.solvency.measure()).balance.routingMsat).toBe(0);
    expect(world.alarms).toEqual([]);
  });

  it("waits an hour after the last one", async () => {
    const { merchant } = await world.register();
    for (const count of [1, 1, 2]) {
      await world.sell(merchant, 2_000_000);
      await world.service.tick();
      expect(await payoutsOf(merchant.id)).toHaveLength(count);
      world.clock.advanceSeconds(1_800);
    }
  });

  it("goes in parts to an address that takes little at once, and waits for one that takes only more", async () => {
    Object.assign(world.payees.user("little"), { maxSendable: 400_999 });
    Object.assign(world.payees.user("much"), { minSendable: 5_000_000 });
    const [little, much] = [await world.register("little"), await world.register("much")];
    for (const { merchant } of [little, much]) await world.sell(merchant, 2_000_000);
    for (let hour = 0; hour < 3; hour++) {
      await world.service.tick();
      world.clock.advanceSeconds(3_600);
    }
    const [parts, none] = [await payoutsOf(little.merchant.id), await payoutsOf(much.merchant.id)];
    expect(parts.map(({ amount_msat, status }) => [amount_msat, status])).toEqual(Array(3).fill([400_000, "paid"]));
    expect(none).toEqual([]);
    await world.sell(much.merchant, 4_000_000);
    await world.service.tick();
    expect(await payoutsOf(much.merchant.id)).toMatchObject([{ status: "paid", amount_msat: 5_922_000 }]);
  });

  it("learns what an address takes when that has changed, to less and back to more", async () => {
    const { merchant } = await world.register("changing");
    Object.assign(world.payees.user("changing"), { maxSendable: 500_000 });
    await world.sell(merchant, 2_000_000);
    await world.service.tick();
    expect(await payoutsOf(merchant.id)).toMatchObject([{ status: "failed" }]);
    world.clock.advanceSeconds(60);
    await world.service.tick();
    expect((await payoutsOf(merchant.id))[0]).toMatchObject({ status: "paid", amount_msat: 500_000 });
    Object.assign(world.payees.user("changing"), { maxSendable: 100_000_000_000 });
    world.clock.advanceSeconds(3_600);
    await world.service.tick();
    expect((await payoutsOf(merchant.id))[0]).toMatchObject({ status: "paid", amount_msat: 1_476_000 });
    expect(await world.service.merchants.byId(merchant.id)).toMatchObject({ max_sendable_msat: null });
  });

  it("waits no longer when an address takes less again, although nobody has told us", async () => {
    Object.assign(world.payees.user("moody"), { minSendable: 500_000_000 });
    const { merchant } = await world.register("moody");
    await world.sell(merchant, 2_000_000);
    await world.service.tick();
    Object.assign(world.payees.user("moody"), { minSendable: 1_000 });
    for (let hour = 0; hour < 3; hour++) {
      world.clock.advanceSeconds(3_600);
      // Each remembers for a while what the address said.
      await world.another().tick();
    }
    expect(await payoutsOf(merchant.id)).toMatchObject([{ status: "paid" }]);
  });

  it("leaves although the balance was too little for the way when it reached the threshold", async () => {
    const service = world.another({ payoutThresholdMsat: 3_000 });
    const { merchant } = await world.register();
    await world.sell(merchant, 5_000);
    await service.tick();
    await world.sell(merchant, 500_000);
    world.clock.advanceSeconds(3_600);
    await service.tick();
    expect(await payoutsOf(merchant.id)).toMatchObject([{ status: "paid", amount_msat: 498_000 }]);
  });

  it("of those that can never be sent does not stand in the way of others", async () => {
    // More than one round looks at, all due before the honest one.
    for (let i = 0; i < 101; i++) {
      Object.assign(world.payees.user(`odd-${i}`), { minSendable: 1_980_000, maxSendable: 1_000_000_000 });
      const { merchant } = await world.register(`odd-${i}`);
      await world.sell(merchant, 2_000_000);
    }
    world.clock.advanceSeconds(1);
    const { merchant } = await world.register();
    await world.sell(merchant, 2_000_000);
    for (let round = 0; round < 2; round++) await world.service.tick();
    expect(await payoutsOf(merchant.id)).toMatchObject([{ status: "paid" }]);
  });
});

describe("a payout that fails", () => {
  it("gives everything back, is tried again later and later, then parked, and resumed by the owner", async () => {
    const { merchant, ownerKey } = await world.register("gone");
    await world.sell(merchant, 2_000_000);
    const had = await world.balanceOf(merchant);
    world.payees.user("gone").isDown = true;
    const tries: number[] = [];
    let count = 0;
    for (let minute = 0; minute < 30 * 1_440; minute += 1) {
      await world.service.tick();
      const rows = await payoutsOf(merchant.id);
      if (rows.length > count) tries.push(minute);
      count = rows.length;
      // A month, in steps that grow.
      const step = minute < 60 ? 0 : 719;
      minute += step;
      world.clock.advanceSeconds((step + 1) * 60);
    }
    expect(tries).toEqual([0, 1, 4, 13]);
    expect(await world.balanceOf(merchant)).toBe(had);
    expect(await world.service.merchants.byId(merchant.id)).toMatchObject({ parked_at: expect.any(Date) });
    expect(await world.service.notices.list(merchant.id)).toMatchObject([{ kind: "payouts-parked" }]);
    expect(world.alarms).toHaveLength(1);

    world.payees.user("gone").isDown = false;
    await world.service.merchants.resumePayouts(await world.service.merchants.byOwnerKey(ownerKey));
    await world.service.tick();
    expect((await payoutsOf(merchant.id))[0]).toMatchObject({ status: "paid" });
  });

  it("to a merchant without an account is tried once a day for as long as it takes, since nobody could resume it", async () => {
    const address = world.payees.address("keyless");
    const merchant = await world.service.merchants.byAddress(address);
    await world.sell(merchant, 2_000_000);
    world.payees.user("keyless").isDown = true;
    for (let day = 0; day < 30; day++) {
      await world.service.tick();
      world.clock.advanceSeconds(86_400);
    }
    expect(await payoutsOf(merchant.id)).toHaveLength(30);
    // Once, when it had failed so often that another merchant's would have stopped.
    expect(world.alarms).toEqual([expect.stringMatching(/keyless@.* failed 4 times.* once a day/)]);
    world.payees.user("keyless").isDown = false;
    await world.service.tick();
    expect((await payoutsOf(merchant.id))[0]).toMatchObject({ status: "paid" });
    expect(await world.service.merchants.byId(merchant.id)).toMatchObject({ parked_at: null, payout_failures: 0 });
  });

  it("says nothing of what the address's server wrote", async () => {
    world.payees.user("chatty").invoice = () => ({ status: "ERROR", reason: "<script>secret</script>" });
    const { merchant } = await world.service.merchants.register(world.payees.address("chatty")).catch(async () => {
      delete world.payees.user("chatty").invoice;
      return world.register("chatty");
    });
    world.payees.user("chatty").invoice = () => ({ status: "ERROR", reason: "<script>secret</script>" });
    await world.sell(merchant, 2_000_000);
    await world.service.tick();
    const rows: PayoutRow[] = await payoutsOf(merchant.id);
    expect(rows).toMatchObject([{ status: "failed" }]);
    expect(JSON.stringify(rows)).not.toContain("secret");
  });

  it("because the wallet refuses it for certain, gives everything back", async () => {
    const { merchant } = await world.register();
    await world.sell(merchant, 2_000_000);
    const had = await world.balanceOf(merchant);
    world.outside.next("payInvoice", "failed");
    await world.service.tick();
    expect(await payoutsOf(merchant.id)).toMatchObject([{ status: "failed", preimage: null }]);
    expect(await world.service.balance(merchant.id)).toEqual({ availableMsat: had, pendingMsat: 0, owedMsat: 0 });
    world.clock.advanceSeconds(60);
    await world.service.tick();
    expect(await payoutsOf(merchant.id)).toMatchObject([{ status: "paid" }, { status: "failed" }]);
  });
});
