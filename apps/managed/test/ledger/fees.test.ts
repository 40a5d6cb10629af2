import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openWorld, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

/** Price in sats, fee and merchant's share in msat: the table of the README. */
const TABLE = [
  [1, 3, 997],
  [10, 30, 9_970],
  [100, 300, 99_700],
  [333, 999, 332_001],
  [1_000, 3_000, 997_000],
] as const;

describe("the fee is 0.3 %, to the msat, without a minimum", () => {
  it.each(TABLE)("of %i sats it is %i msat, and the merchant has %i msat", async (sats, feeMsat, shareMsat) => {
    const { merchant } = await world.register();
    const before = (await world.service.solvency.measure()).balance.feeMsat;
    const row = await world.sell(merchant, sats * 1_000);
    expect(row).toMatchObject({ status: "settled", received_msat: sats * 1_000, fee_msat: feeMsat });
    expect(await world.balanceOf(merchant)).toBe(shareMsat);
    expect((await world.service.solvency.measure()).balance.feeMsat - before).toBe(feeMsat);
  });

  it.each([
    [1, 0],
    [333, 0],
    [334, 1],
    [999_999_999, 2_999_999],
  ])("of %i msat it is rounded down to %i msat", async (amountMsat, feeMsat) => {
    const { merchant } = await world.register();
    expect(await world.sell(merchant, amountMsat)).toMatchObject({ fee_msat: feeMsat });
    expect(await world.balanceOf(merchant)).toBe(amountMsat - feeMsat);
  });

  it("adds up over many payments, and only a payout is in whole sats: the rest is carried", async () => {
    const { merchant } = await world.register("many");
    for (let i = 0; i < 102; i++) await world.sell(merchant, 10_000);
    expect(await world.balanceOf(merchant)).toBe(102 * 9_970);
    await world.service.tick();
    const [payout] = await world.service.payouts.list(`merchant:${merchant.id}`);
    // 1 016 940 msat: 1 006 sats, and a hundredth of that set aside for the way, which cost nothing here.
    expect(payout).toMatchObject({ status: "paid", amount_msat: 1_006_000, max_fee_msat: 10_060, fee_msat: 0 });
    expect(await world.balanceOf(merchant)).toBe(102 * 9_970 - 1_006_000);
    expect(await world.service.solvency.audit()).toEqual([]);
  });
});
