import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Owner } from "../../src/merchants/merchants.ts";
import { problemOf } from "../../src/problem.ts";
import { openWorld, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld({ feeMsat: 500, payoutThresholdMsat: 1_000_000_000 });
});
afterAll(async () => {
  expect(await world.service.solvency.audit()).toEqual([]);
  await world.close();
});

const refused = (code: string) => (error: unknown) => expect(problemOf(error)).toMatchObject({ code });
const never = () => expect.unreachable();

async function owner(msat = 1_000_000): Promise<Owner> {
  const { ownerKey } = await world.register();
  const found = await world.service.merchants.byOwnerKey(ownerKey);
  await world.sell(found, msat);
  return found;
}
const invoice = async (amountMsat: number, expiresInSeconds = 600) =>
  (await world.outside.provider.createInvoice({ amountMsat, description: "", expiresInSeconds })).bolt11;
const withdraw = (who: Owner, request: { bolt11: string; maxFeeMsat?: number }, key: string) =>
  world.service.withdrawals.forMerchant(who, request, key);

describe("a withdrawal by invoice", () => {
  it("takes what it cost and no more", async () => {
    const who = await owner();
    const { row, sent } = await withdraw(who, { bolt11: await invoice(500_000), maxFeeMsat: 1_000 }, "a");
    expect(row).toMatchObject({ status: "sending", amount_msat: 500_000, max_fee_msat: 1_000 });
    expect(await sent).toMatchObject({
      status: "paid",
      fee_msat: 500,
      preimage: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await world.balanceOf(who)).toBe(997_000 - 500_500);
  });

  it("is the same for the same key, at the same time too; another invoice under it is a problem", async () => {
    const who = await owner();
    const bolt11 = await invoice(300_000);
    const paid = world.outside.payments.length;
    const all = await Promise.all(Array.from({ length: 10 }, () => withdraw(who, { bolt11 }, "k")));
    expect(new Set(all.map(({ row }) => row.id)).size).toBe(1);
    await Promise.all(all.map(({ sent }) => sent));
    expect((await withdraw(who, { bolt11 }, "k")).row).toMatchObject({ status: "paid" });
    const other = await invoice(300_000);
    await withdraw(who, { bolt11: other }, "k").then(never, refused("IDEMPOTENCY_KEY_REUSED"));
    await withdraw(who, { bolt11, maxFeeMsat: 7 }, "k").then(never, refused("IDEMPOTENCY_KEY_REUSED"));
    expect(world.outside.payments.length - paid).toBe(1);
  });

  it("pays one invoice once, whoever asks and under whatever key", async () => {
    const [one, two] = [await owner(), await owner()];
    const bolt11 = await invoice(300_000);
    await (await withdraw(one, { bolt11 }, "a")).sent;
    for (const [who, key] of [
      [one, "b"],
      [two, "c"],
    ] as const) {
      await withdraw(who, { bolt11 }, key).then(never, refused("ALREADY_UNDER_WAY"));
    }
    expect(await world.balanceOf(two)).toBe(997_000);
  });

  it("never takes a balance below zero, however many come at once", async () => {
    const who = await owner();
    const invoices = await Promise.all(Array.from({ length: 20 }, () => invoice(200_000)));
    const results = await Promise.allSettled(
      invoices.map((bolt11, i) => withdraw(who, { bolt11, maxFeeMsat: 500 }, `k${i}`)),
    );
    const begun = results.filter(({ status }) => status === "fulfilled");
    expect(begun).toHaveLength(4);
    await Promise.all(begun.map((result) => result.status === "fulfilled" && result.value.sent));
    expect(await world.balanceOf(who)).toBe(997_000 - 4 * 200_500);
  });

  it("waits when ten of a merchant are under way, so that held payments fill no channel", async () => {
    const who = await owner();
    world.outside.always("payInvoice", "unknown-stuck");
    const request = async () => ({ bolt11: await invoice(1_000), maxFeeMsat: 500 });
    for (let i = 0; i < 10; i++) await (await withdraw(who, await request(), `k${i}`)).sent;
    await withdraw(who, await request(), "k10").then(never, refused("ALREADY_UNDER_WAY"));
    world.outside.heal();
    for (const { paymentHash, status } of world.outside.payments)
      if (status === "in-flight") world.outside.settle(paymentHash);
    world.clock.advanceSeconds(60);
    await world.service.tick();
    await (await withdraw(who, await request(), "k11")).sent;
    expect(await world.balanceOf(who)).toBe(997_000 - 11 * 1_500);
  });

  it("of an account is one at a time while fifty are under way, none while three hundred are, and payouts to addresses go on", async () => {
    const world = await openWorld({ payoutThresholdMsat: 1_000_000 });
    const ask = async (who: Owner, key: string) => {
      const { bolt11 } = await world.outside.provider.createInvoice({
        ...{ amountMsat: 1_000, description: "", expiresInSeconds: 600 },
      });
      return (await world.service.withdrawals.forMerchant(who, { bolt11, maxFeeMsat: 0 }, key)).sent;
    };
    const register = async (msat: number) => {
      const { ownerKey } = await world.register();
      const who = await world.service.merchants.byOwnerKey(ownerKey);
      await world.sell(who, msat);
      return who;
    };
    world.outside.always("payInvoice", "unknown-stuck");
    for (let n = 0; n < 5; n++) {
      const thief = await register(20_000);
      for (let i = 0; i < 10; i++) await ask(thief, `k${i}`);
    }
    for (const who of [await register(20_000), await register(20_000)]) {
      expect(await ask(who, "a")).toMatchObject({ status: "sending" });
      await ask(who, "b").then(never, refused("ALREADY_UNDER_WAY"));
    }
    await world.database.query(
      `insert into managed.payouts (id, account, kind, destination, amount_msat, max_fee_msat, status, created_at)
        select n, 'merchant:another', 'withdrawal', 'invoice', 1000, 0, 'reserved', now() from generate_series(1, 248) n`,
    );
    await ask(await register(20_000), "a").then(never, refused("ALREADY_UNDER_WAY"));
    world.outside.heal();
    const honest = await register(2_000_000);
    await world.service.tick();
    expect(await world.service.payouts.list(`merchant:${honest.id}`)).toMatchObject([{ status: "paid" }]);
    await world.close();
  });

  it("is of a sat at least, so that held payments cost something", async () => {
    const who = await owner();
    await withdraw(who, { bolt11: await invoice(999) }, "a").then(never, refused("INVOICE_INVALID"));
    expect(await (await withdraw(who, { bolt11: await invoice(1_000) }, "b")).sent).toMatchObject({ status: "paid" });
  });

  it("to the last msat is possible, one more is not", async () => {
    const who = await owner();
    await withdraw(who, { bolt11: await invoice(996_501), maxFeeMsat: 500 }, "a").then(
      never,
      refused("BALANCE_TOO_LOW"),
    );
    await (await withdraw(who, { bolt11: await invoice(996_500), maxFeeMsat: 500 }, "b")).sent;
    expect(await world.balanceOf(who)).toBe(0);
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 53])("takes no fee limit of %d msat", async (maxFeeMsat) => {
    const who = await owner();
    await withdraw(who, { bolt11: await invoice(1_000), maxFeeMsat }, "a").then(never, refused("AMOUNT_INVALID"));
  });

  it("is possible while invoices are stopped and payouts to the address are parked, not while payouts are paused", async () => {
    const who = await owner();
    await world.database.query("update managed.merchants set parked_at = now() where id = $1", [who.id]);
    await world.service.switches.turnOn("invoices_stopped", "Maintenance");
    expect(await (await withdraw(who, { bolt11: await invoice(100_000) }, "a")).sent).toMatchObject({ status: "paid" });
    await world.service.switches.turnOff("invoices_stopped");
    await world.service.switches.turnOn("payouts_paused", "A check");
    await withdraw(who, { bolt11: await invoice(100_000) }, "b").then(never, refused("PAYOUTS_PAUSED"));
    await world.service.switches.turnOff("payouts_paused");
  });

  it("hands the wallet the invoice that was checked, and not the text that it was in, and so does a payout", async () => {
    const seen: string[] = [];
    const { wallet } = world.outside;
    const service = world.another({
      payoutThresholdMsat: 100_000,
      wallet: {
        ...wallet,
        payInvoice(input) {
          seen.push(input.bolt11);
          return wallet.payInvoice(input);
        },
      },
    });
    const { ownerKey } = await world.register("prefixed");
    const who = await world.service.merchants.byOwnerKey(ownerKey);
    await world.sell(who, 1_000_000);
    const bolt11 = await invoice(500_000);
    const text = `  LIGHTNING:${bolt11.toUpperCase()}\n`;
    await (await service.withdrawals.forMerchant(who, { bolt11: text }, "a")).sent;
    expect(seen).toEqual([bolt11]);
    world.payees.user("prefixed").invoice = (honest) => ({ ...honest, pr: `lightning:${honest.pr}` });
    await service.tick();
    expect(seen.length).toBeGreaterThan(1);
    for (const text of seen) expect(text).toMatch(/^lnbcrt[0-9a-z]+$/);
  });

  it("to an invoice of a direct sale is possible: whoever knows a payment hash can name it in one", async () => {
    const who = await owner();
    const { merchant: direct } = await world.register("direct", "direct");
    const { bolt11 } = await world.service.invoices.create(direct, {
      amountMsat: 5_000,
      description: "",
      expiresInSeconds: 600,
    });
    expect(await (await withdraw(who, { bolt11 }, "a")).sent).toMatchObject({ status: "paid" });
  });

  it("gives everything back when it fails, and its invoice may be tried again under a new key", async () => {
    const who = await owner();
    const bolt11 = await invoice(100_000);
    world.outside.next("payInvoice", "failed");
    expect(await (await withdraw(who, { bolt11 }, "a")).sent).toMatchObject({ status: "failed" });
    expect(await world.balanceOf(who)).toBe(997_000);
    expect((await withdraw(who, { bolt11 }, "a")).row).toMatchObject({ status: "failed" });
    expect(await (await withdraw(who, { bolt11 }, "b")).sent).toMatchObject({ status: "paid" });
  });

  it("that nobody waits for goes on all the same, and brings no process down when it breaks", async () => {
    const who = await owner();
    const service = world.another({
      onStep: (step) => {
        if (step === "payout-sending") throw new Error("The process is in trouble.");
      },
    });
    const { row } = await service.withdrawals.forMerchant(who, { bolt11: await invoice(100_000) }, "a");
    expect(row.status).toBe("sending");
    for (let i = 0; i < 3; i++) {
      world.clock.advanceSeconds(60);
      await world.service.tick();
    }
    expect(await world.service.payouts.find(row.id)).toMatchObject({ status: "paid" });
  });
});
