import type { ChildProcess } from "node:child_process";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openDatabase } from "../../src/database/open-database.ts";
import type { Owner } from "../../src/merchants/merchants.ts";
import type { Step } from "../../src/settings.ts";
import { createTestDatabase, describeWithPostgres } from "../postgres/open-test-database.ts";
import { openWorld, type World } from "../world.ts";
import { serveNode } from "./remote-node.ts";
import { runVictim } from "./start-victim.ts";
import type { VictimSettings } from "./victim.ts";

/** A world whose service is another process, which is killed; the node and the database are not. */
async function openKilledWorld(killDuring?: string) {
  const databaseUrl = await createTestDatabase();
  const world = await openWorld({ database: await openDatabase({ url: databaseUrl }), feeMsat: 1_000 });
  let victim: ChildProcess | undefined;
  const node = await serveNode({ provider: world.node.provider, wallet: world.outside.wallet }, (call) => {
    if (call === killDuring) victim?.kill("SIGKILL");
  });
  const { merchant, ownerKey } = await world.register("alice");
  const owner = await world.service.merchants.byOwnerKey(ownerKey);
  return {
    ...{ world, merchant, owner, ownerKey },
    /** Does something, and is killed with SIGKILL at a step of it. */
    async killAt(dieAt: VictimSettings["dieAt"], what: Omit<Partial<VictimSettings>, "dieAt">): Promise<string> {
      const now = world.clock().getTime();
      const settings: VictimSettings = { act: "payout", databaseUrl, nodeUrl: node.url, now, dieAt, ...what };
      const { signal, output } = await runVictim(settings, (child) => {
        victim = child;
      });
      expect(signal).toBe("SIGKILL");
      return output;
    },
    /** What a restarted service does in the next minutes and hours. */
    async recover(): Promise<void> {
      for (const seconds of [5, 30, 60, 120, 3_600]) {
        world.clock.advanceSeconds(seconds);
        await world.another().tick();
      }
      expect(await world.service.solvency.audit()).toEqual([]);
      const { balance } = await world.service.solvency.measure();
      expect(balance.nodeMsat, "the ledger and the node agree").toBe(world.nodeBalanceMsat());
      expect([balance.merchantsPendingMsat, world.alarms]).toEqual([0, []]);
    },
    async close() {
      node.close();
      await world.close();
    },
  };
}

const FEW = { timeout: 120_000 };

describeWithPostgres("kill -9 while an invoice is made", () => {
  it.each<Step>(["invoice-made", "invoice-bound"])(
    "at %s: nobody can have paid what is not bound",
    FEW,
    async (step) => {
      const { world, merchant, killAt, recover, close } = await openKilledWorld();
      // Nothing was answered, so nobody has an invoice to pay.
      expect(await killAt(step, { act: "invoice", merchantId: merchant.id, idempotencyKey: "the-order" })).toBe("");
      const rows = await world.database.query<{ payment_hash: string }>("select payment_hash from managed.invoices");
      expect(rows).toHaveLength(step === "invoice-bound" ? 1 : 0);

      // The merchant's app sends its request again, under the same key, and its buyer pays that.
      const order = { amountMsat: 2_000_000, description: "Tea", expiresInSeconds: 600 };
      const again = await world.service.invoices.create(merchant, order, { key: "the-order" });
      if (step === "invoice-bound") expect(again.payment_hash).toBe(rows[0]?.payment_hash);
      world.node.settle(again.payment_hash);
      await recover();
      const lines = await world.service.statement(merchant.id);
      expect(lines.filter(({ kind }) => kind === "payment")).toMatchObject([{ amountMsat: 2_000_000, feeMsat: 6_000 }]);
      await close();
    },
  );
});

describeWithPostgres("kill -9 while a payment is credited", () => {
  it.each<Step>(["settlement-seen", "settlement-credited"])("at %s: it is credited once", FEW, async (step) => {
    const { world, merchant, killAt, recover, close } = await openKilledWorld();
    const order = { amountMsat: 500_000, description: "Tea", expiresInSeconds: 600 };
    const { payment_hash } = await world.service.invoices.create(merchant, order);
    world.node.settle(payment_hash);
    await killAt(step, { act: "settle", paymentHash: payment_hash });
    expect(await world.balanceOf(merchant)).toBe(step === "settlement-seen" ? 0 : 498_500);
    await recover();
    await world.another().settlement.hint(payment_hash);
    expect(await world.balanceOf(merchant)).toBe(498_500);
    await close();
  });
});

const SENDING: Step[] = ["payout-reserved", "payout-sending", "payout-sent", "payout-ended"];

describeWithPostgres("kill -9 while a payout to an address is under way", () => {
  it.each<Step>([...SENDING.slice(0, 1), "payout-invoiced", ...SENDING.slice(1)])(
    "at %s: it is paid once",
    FEW,
    async (step) => {
      const { world, merchant, killAt, recover, close } = await openKilledWorld();
      await world.sell(merchant, 2_000_000);
      const had = await world.balanceOf(merchant);
      await killAt(step, { act: "payout" });
      const { availableMsat, pendingMsat } = await world.service.balance(merchant.id);
      expect(availableMsat + pendingMsat, "nothing is lost meanwhile").toBeGreaterThanOrEqual(had - 1_974_000 - 1_000);
      await recover();
      const payouts = await world.service.payouts.list(`merchant:${merchant.id}`);
      expect(payouts).toMatchObject([{ status: "paid", amount_msat: 1_974_000, fee_msat: 1_000 }]);
      expect(world.outside.payments).toMatchObject([{ status: "paid", amountMsat: 1_974_000 }]);
      expect(await world.balanceOf(merchant)).toBe(had - 1_975_000);
      await close();
    },
  );
});

describeWithPostgres("kill -9 while the wallet has paid, and has not answered yet", () => {
  it("the payout is found and not repeated", FEW, async () => {
    const { world, merchant, killAt, recover, close } = await openKilledWorld("payInvoice");
    await world.sell(merchant, 2_000_000);
    await killAt("never", { act: "payout" });
    expect(await world.service.payouts.list(null)).toMatchObject([{ status: "sending" }]);
    await recover();
    expect(await world.service.payouts.list(null)).toMatchObject([{ status: "paid", amount_msat: 1_974_000 }]);
    expect(world.outside.calls.payInvoice).toBe(1);
    await close();
  });
});

describeWithPostgres("kill -9 while a withdrawal is under way", () => {
  let killed: Awaited<ReturnType<typeof openKilledWorld>>;
  let [world, owner]: [World | undefined, Owner | undefined] = [undefined, undefined];
  beforeAll(async () => {
    killed = await openKilledWorld();
    ({ world, owner } = killed);
    for (let i = 0; i < 4; i++) await world.sell(owner, 500_000);
    await world.database.query("update managed.merchants set parked_at = now()");
  });
  afterAll(() => killed.close());

  it.each(SENDING)("at %s: it is paid once, and the same key answers with it", FEW, async (step) => {
    if (!world || !owner) throw new Error("There is no world.");
    const [had, paid] = [await world.balanceOf(owner), world.outside.payments.length];
    const order = { amountMsat: 300_000, description: "", expiresInSeconds: 900 };
    const { bolt11 } = await world.outside.provider.createInvoice(order);
    await killed.killAt(step, { act: "withdraw", bolt11, ownerKey: killed.ownerKey, idempotencyKey: step });
    await killed.recover();
    const rows = await world.service.payouts.list(`merchant:${owner.id}`);
    const mine = rows.filter((row) => row.bolt11 === bolt11);
    expect(mine).toMatchObject([{ status: "paid", fee_msat: 1_000 }]);
    const { row } = await world.service.withdrawals.forMerchant(owner, { bolt11 }, step);
    expect(row).toMatchObject({ id: mine[0]?.id, status: "paid" });
    expect(world.outside.payments.length).toBe(paid + 1);
    expect(await world.balanceOf(owner)).toBe(had - 301_000);
  });
});
