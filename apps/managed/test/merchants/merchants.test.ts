import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { problemOf } from "../../src/problem.ts";
import { openWorld, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld({ payoutAttempts: 3 });
});
afterAll(() => world.close());

const refused = (code: string) => (error: unknown) => expect(problemOf(error)).toMatchObject({ code });
const DAY = 86_400;
const DIED = new Error("The process has died.");

describe("a merchant", () => {
  it("is known by either of its keys, and by nothing else", async () => {
    const { merchant, apiKey, ownerKey } = await world.register();
    const { merchants } = world.service;
    expect([apiKey, ownerKey]).toEqual([
      expect.stringMatching(/^l402m_.{43}$/),
      expect.stringMatching(/^l402o_.{43}$/),
    ]);
    for (const key of [apiKey, ownerKey]) expect((await merchants.byKey(key)).id).toBe(merchant.id);
    expect(await merchants.byOwnerKey(ownerKey)).toMatchObject({ id: merchant.id, isOwner: true });
    for (const key of ["", merchant.id, `${apiKey}x`, apiKey.slice(0, -1), apiKey.toUpperCase(), "' or true --"]) {
      await merchants.byKey(key).then(() => expect.unreachable(), refused("KEY_WRONG"));
    }
  });

  it("an app's key moves no money: it is refused where the owner's is needed", async () => {
    const { apiKey } = await world.register();
    await world.service.merchants.byOwnerKey(apiKey).then(() => expect.unreachable(), refused("KEY_WRONG"));
    await world.service.merchants.byOwnerKey("nobody's").then(() => expect.unreachable(), refused("KEY_WRONG"));
  });

  it("keeps no key in the database", async () => {
    const { apiKey, ownerKey } = await world.register();
    const rows = await world.database.query<{ row: string }>("select m::text as row from managed.merchants m");
    const text = rows.map(({ row }) => row).join("\n");
    for (const key of [apiKey, ownerKey]) {
      expect(text).not.toContain(key);
      expect(text).not.toContain(Buffer.from(key).toString("hex"));
    }
  });

  it("that is nothing but its address exists once, however often it is named at once", async () => {
    const address = world.payees.address("bare");
    const named = await Promise.all(Array.from({ length: 10 }, () => world.service.merchants.byAddress(address)));
    expect(new Set(named.map(({ id }) => id)).size).toBe(1);
    expect((await world.another().merchants.byAddress(` ${address.toUpperCase()} `)).id).toBe(named[0]?.id);
    expect(named[0]).toMatchObject({ has_key: false, mode: "custodial" });
    // Whoever registers with the same address is somebody else.
    expect((await world.register("bare")).merchant.id).not.toBe(named[0]?.id);
  });

  it.each([
    "",
    "alice",
    "alice@",
    "@example.com",
    "a@b@c.example",
    "alice@example.com/x",
    "lnbc1",
    "x".repeat(400),
    "ál@example.com",
  ])("cannot have the address %j, and nobody is asked", async (text) => {
    await world.service.merchants.register(text).then(() => expect.unreachable(), refused("ADDRESS_INVALID"));
    await world.service.merchants.byAddress(text).then(() => expect.unreachable(), refused("ADDRESS_INVALID"));
  });

  it("cannot have an address that gives no invoices", async () => {
    world.payees.user("dead").isDown = true;
    await world.register("dead").then(() => expect.unreachable(), refused("ADDRESS_INVALID"));
    expect(await world.database.query("select 1 from managed.merchants where lightning_address like 'dead@%'")).toEqual(
      [],
    );
  });

  it("changes an address only after a day, and hears of it at once and then", async () => {
    const { merchant, ownerKey } = await world.register("before");
    const { merchants, notices } = world.service;
    const owner = await merchants.byOwnerKey(ownerKey);
    const { from } = await merchants.changeAddress(owner, world.payees.address("after"));
    expect(from).toEqual(new Date(world.clock().getTime() + DAY * 1_000));
    expect(await notices.list(merchant.id)).toEqual([expect.objectContaining({ kind: "address-change" })]);

    await world.sell(merchant, 2_000_000);
    world.clock.advanceSeconds(DAY - 1);
    await world.service.tick();
    expect(await world.service.payouts.list(`merchant:${merchant.id}`)).toMatchObject([
      { destination: world.payees.address("before"), status: "paid" },
    ]);

    world.clock.advanceSeconds(1);
    await world.service.tick();
    expect(await merchants.byId(merchant.id)).toMatchObject({
      lightning_address: world.payees.address("after"),
      next_address: null,
    });
    expect((await notices.list(merchant.id))[0]).toMatchObject({ kind: "address-changed" });
    await world.sell(merchant, 2_000_000);
    await world.service.tick();
    world.clock.advanceSeconds(3_600);
    await world.service.tick();
    expect((await world.service.payouts.list(`merchant:${merchant.id}`))[0]).toMatchObject({
      ...{ destination: world.payees.address("after"), status: "paid" },
    });
  });

  it("is paid at its new address what has waited while its address changed", async () => {
    const { merchant, ownerKey } = await world.register("lost");
    await world.sell(merchant, 2_000_000);
    const dying = world.another({ onStep: (step) => (step === "payout-reserved" ? Promise.reject(DIED) : undefined) });
    await expect(dying.tick()).rejects.toBe(DIED);
    await world.service.switches.turnOn("payouts_paused", "A check");
    const owner = await world.service.merchants.byOwnerKey(ownerKey);
    await world.service.merchants.changeAddress(owner, world.payees.address("found"));
    world.clock.advanceSeconds(DAY);
    await world.service.tick();
    await world.service.switches.turnOff("payouts_paused");
    for (let hour = 0; hour < 3; hour++) {
      await world.service.tick();
      world.clock.advanceSeconds(3_600);
    }
    const byAge = (await world.service.payouts.list(`merchant:${merchant.id}`)).reverse();
    expect(byAge).toMatchObject([
      { destination: world.payees.address("lost"), status: "failed", reason: expect.stringContaining("was changed") },
      { destination: world.payees.address("found"), status: "paid" },
    ]);
  });

  it("changes its mind about a change: the last one counts, and waits its own day", async () => {
    const { merchant, ownerKey } = await world.register("home");
    const owner = await world.service.merchants.byOwnerKey(ownerKey);
    await world.service.merchants.changeAddress(owner, world.payees.address("elsewhere"));
    world.clock.advanceSeconds(DAY - 1);
    await world.service.merchants.changeAddress(owner, world.payees.address("home"));
    world.clock.advanceSeconds(DAY - 1);
    await world.service.tick();
    expect(await world.service.merchants.byId(merchant.id)).toMatchObject({
      next_address: world.payees.address("home"),
    });
    world.clock.advanceSeconds(1);
    await world.service.tick();
    expect(await world.service.merchants.byId(merchant.id)).toMatchObject({
      ...{ lightning_address: world.payees.address("home"), next_address: null },
    });
  });
});
