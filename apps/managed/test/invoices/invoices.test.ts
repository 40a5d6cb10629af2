import { signInvoice } from "@l402/bolt11/signature";
import { decodeInvoice } from "@l402/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { problemOf } from "../../src/problem.ts";
import { openWorld, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld({ maxInvoiceMsat: 5_000_000, balanceCapMsat: 3_000_000, creditMsat: 1_000 });
});
afterAll(() => world.close());

const order = { amountMsat: 21_000, description: "Tea", expiresInSeconds: 600 };
const refused = (code: string) => (error: unknown) => expect(problemOf(error)).toMatchObject({ code });
const count = async () =>
  (await world.database.query<{ n: number }>("select count(*)::int n from managed.invoices"))[0]?.n;

describe("an invoice", () => {
  it("is the merchant's before anybody can pay it", async () => {
    const { merchant } = await world.register();
    const row = await world.service.invoices.create(merchant, order);
    expect(await world.service.invoices.find(row.payment_hash)).toMatchObject({
      ...{ merchant_id: merchant.id, kind: "sale", status: "open", amount_msat: 21_000, received_msat: null },
    });
    expect(row.bolt11).toMatch(/^lnbcrt/);
  });

  it.each([0, -1, 0.5, Number.NaN, 5_000_001, 2 ** 53, Number.POSITIVE_INFINITY])(
    "is not made for %d msat, and the node is not asked",
    async (amountMsat) => {
      const { merchant } = await world.register();
      const [calls, rows] = [world.node.calls.createInvoice, await count()];
      await world.service.invoices
        .create(merchant, { ...order, amountMsat })
        .then(() => expect.unreachable(), refused("AMOUNT_INVALID"));
      expect([world.node.calls.createInvoice, await count()]).toEqual([calls, rows]);
    },
  );

  it("is the same for the same key, and a problem for another order, also at the same time", async () => {
    const { merchant } = await world.register();
    const create = (amountMsat = 21_000) =>
      world.service.invoices.create(merchant, { ...order, amountMsat }, { key: "k" });
    const all = await Promise.all(Array.from({ length: 20 }, () => create()));
    expect(new Set(all.map(({ payment_hash }) => payment_hash)).size).toBe(1);
    expect((await create()).payment_hash).toBe(all[0]?.payment_hash);
    await create(22_000).then(() => expect.unreachable(), refused("IDEMPOTENCY_KEY_REUSED"));
    const other = await world.register();
    const theirs = await world.service.invoices.create(other.merchant, order, { key: "k" });
    expect(theirs.payment_hash).not.toBe(all[0]?.payment_hash);
  });

  it.each(["wrong-amount", "wrong-hash", "PROVIDER_UNREACHABLE"] as const)(
    "is not sold when the node's answer is %s",
    async (fault) => {
      const { merchant } = await world.register();
      world.node.next("createInvoice", fault);
      const made = await world.service.invoices.create(merchant, order).catch((error: unknown) => error);
      if (fault === "PROVIDER_UNREACHABLE") expect(problemOf(made)).toMatchObject({ code: "NODE_UNAVAILABLE" });
      else
        expect(problemOf(made)).toMatchObject({
          code: "NODE_UNAVAILABLE",
          detail: expect.stringContaining("does not match the request"),
        });
      expect(
        await world.database.query("select 1 from managed.invoices where merchant_id = $1", [merchant.id]),
      ).toEqual([]);
    },
  );

  it("is not made above the balance's cap, and is again after a payout", async () => {
    const { merchant } = await world.register("capped");
    for (let i = 0; i < 2; i++) await world.sell(merchant, 2_000_000);
    await world.service.invoices.create(merchant, order).then(() => expect.unreachable(), refused("BALANCE_CAP"));
    await world.service.tick();
    expect((await world.service.invoices.create(merchant, order)).status).toBe("open");
  });

  it("is not made while a payout under way and the balance are above the cap together, and is however many are unpaid", async () => {
    const world = await openWorld({ balanceCapMsat: 3_000_000 });
    const { merchant } = await world.register("held");
    await world.sell(merchant, 2_000_000);
    world.outside.next("payInvoice", "unknown-stuck");
    await world.service.tick();
    expect((await world.service.balance(merchant.id)).pendingMsat).toBeGreaterThan(1_900_000);
    for (let i = 0; i < 5; i++) await world.service.invoices.create(merchant, { ...order, amountMsat: 2_000_000 });
    await world.sell(merchant, 2_000_000);
    await world.service.invoices.create(merchant, order).then(() => expect.unreachable(), refused("BALANCE_CAP"));
    world.outside.settle(world.outside.payments.at(-1)?.paymentHash as string);
    world.clock.advanceSeconds(60);
    await world.service.tick();
    await world.service.invoices.create(merchant, order);
    await world.close();
  });

  it("is not made while invoices are stopped, and those that exist are still credited", async () => {
    const { merchant } = await world.register();
    const row = await world.service.invoices.create(merchant, order);
    await world.service.switches.turnOn("invoices_stopped", "Maintenance");
    await world.service.invoices.create(merchant, order).then(() => expect.unreachable(), refused("INVOICES_STOPPED"));
    world.node.settle(row.payment_hash);
    expect(await world.service.settlement.check(row)).toMatchObject({ status: "settled" });
    await world.service.switches.turnOff("invoices_stopped");
    await world.service.invoices.create(merchant, order);
  });
});

describe("direct mode", () => {
  it("sells with invoices of the merchant's own address, and bills the fee", async () => {
    const { merchant } = await world.register("direct", "direct");
    const made = world.node.calls.createInvoice;
    const row = await world.sell(merchant, 400_000);
    expect(world.node.calls.createInvoice).toBe(made);
    expect(row).toMatchObject({ kind: "direct", status: "settled", received_msat: 400_000, fee_msat: 1_200 });
    expect(await world.service.balance(merchant.id)).toEqual({ availableMsat: 0, pendingMsat: 0, owedMsat: 1_200 });
    expect(await world.service.solvency.audit()).toEqual([]);
  });

  it("sells no more while more than the credit is due, until the bill is paid", async () => {
    const { merchant } = await world.register("debtor", "direct");
    await world.sell(merchant, 400_000);
    await world.service.invoices.create(merchant, order).then(() => expect.unreachable(), refused("BILL_DUE"));
    const bill = await world.service.invoices.bill(merchant, "first");
    expect(bill).toMatchObject({ kind: "bill", amount_msat: 1_000 });
    expect((await world.service.invoices.bill(merchant, "first")).payment_hash).toBe(bill.payment_hash);
    world.node.settle(bill.payment_hash);
    const before = (await world.service.solvency.measure()).balance;
    await world.service.settlement.hint(bill.payment_hash);
    const { feeMsat, nodeMsat } = (await world.service.solvency.measure()).balance;
    expect([feeMsat - before.feeMsat, nodeMsat - before.nodeMsat]).toEqual([1_000, 1_000]);
    expect((await world.service.balance(merchant.id)).owedMsat).toBe(200);
    await world.service.invoices.create(merchant, order);
    await world.service.invoices.bill(merchant).then(() => expect.unreachable(), refused("NOT_FOUND"));
    expect(await world.service.solvency.audit()).toEqual([]);
  });

  it("is only for addresses that confirm payments", async () => {
    world.payees.user("mute").hasVerify = false;
    await world.register("mute", "direct").then(() => expect.unreachable(), refused("ADDRESS_INVALID"));
    await world.register("mute");
  });

  it.each([
    ["as long as a day more than was ordered", "2026-01-02T00:10:00Z", "2026-01-02T00:10:00Z"],
    ["longer", "2026-01-02T00:10:01Z", "2026-01-02T00:10:00Z"],
    ["so long that it never expires", "9999-12-31T00:00:00Z", "2026-01-02T00:10:00Z"],
  ])("bounds an invoice of an address that is valid %s", async (_, says, until) => {
    world.payees.user("patient").invoice = (honest) => {
      const { network, paymentHash, timestamp, ...more } = decodeInvoice(String(honest.pr));
      const [paymentSecret, descriptionHash] = [String(more.paymentSecret), String(more.descriptionHash)];
      const amountMsat = BigInt(String(more.amountMsat));
      const fields = { network, paymentHash, paymentSecret, timestamp, amountMsat, descriptionHash };
      return { ...honest, pr: signInvoice({ ...fields, expiresAt: new Date(says) }, "44".repeat(32)) };
    };
    const { merchant } = await world.register("patient", "direct");
    expect((await world.service.invoices.create(merchant, order)).expires_at).toEqual(new Date(until));
  });

  it("cannot claim an invoice of somebody else by giving it as its own", async () => {
    const victim = await world.register();
    const theirs = await world.service.invoices.create(victim.merchant, order);
    const thief = await world.register("thief", "direct");
    world.payees.user("thief").invoice = (honest) => ({ ...honest, pr: theirs.bolt11 });
    await world.service.invoices.create(thief.merchant, order).then(
      () => expect.unreachable(),
      (error) => expect(problemOf(error)).toBeDefined(),
    );
    world.node.settle(theirs.payment_hash);
    expect(await world.service.settlement.check(theirs)).toMatchObject({ merchant_id: victim.merchant.id });
    expect(await world.balanceOf(victim.merchant)).toBe(20_937);
    expect((await world.service.balance(thief.merchant.id)).owedMsat).toBe(0);
  });
});
