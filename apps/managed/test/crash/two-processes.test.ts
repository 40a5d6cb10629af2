import type { ChildProcess } from "node:child_process";
import { expect, it } from "vitest";
import { openDatabase } from "../../src/database/open-database.ts";
import type { Step } from "../../src/settings.ts";
import { createTestDatabase, describeWithPostgres } from "../postgres/open-test-database.ts";
import { openWorld } from "../world.ts";
import { serveNode } from "./remote-node.ts";
import { startVictim } from "./start-victim.ts";
import type { VictimSettings } from "./victim.ts";

const MERCHANTS = 40;

/** Resolves when something holds. The processes tick every second. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** A world with merchants whose buyers have paid, while nobody has told the service; and the node that both processes ask. */
async function openSharedWorld(merchants = MERCHANTS) {
  const databaseUrl = await createTestDatabase();
  const world = await openWorld({ database: await openDatabase({ url: databaseUrl }), feeMsat: 1_000 });
  const asked: string[] = [];
  const node = await serveNode({
    provider: world.node.provider,
    wallet: {
      ...world.outside.wallet,
      payInvoice(input) {
        asked.push(input.bolt11);
        return world.outside.wallet.payInvoice(input);
      },
    },
  });
  const order = { amountMsat: 2_000_000, description: "Tea", expiresInSeconds: 600 };
  for (let i = 0; i < merchants; i++) {
    const { merchant } = await world.register();
    world.node.settle((await world.service.invoices.create(merchant, order)).payment_hash);
  }
  const now = world.clock().getTime() + 60_000;
  return {
    ...{ world, asked },
    start: (more: Partial<VictimSettings> = {}) =>
      startVictim({ databaseUrl, nodeUrl: node.url, now, dieAt: "never", act: "run", ...more }),
    paid: async () => (await world.service.statistics(1)).payouts.paid,
    /** Everybody was credited and paid once, and the node says the same. */
    async expectAllPaidOnce(): Promise<void> {
      expect(world.outside.payments.filter(({ status }) => status === "paid")).toHaveLength(merchants);
      const { payouts, invoices } = await world.service.statistics(1);
      expect([payouts, invoices.settled]).toEqual([{ reserved: 0, sending: 0, paid: merchants, failed: 0 }, merchants]);
      expect(await world.service.solvency.audit()).toEqual([]);
      expect((await world.service.solvency.measure()).balance.nodeMsat).toBe(world.nodeBalanceMsat());
    },
    async close() {
      node.close();
      await world.close();
    },
  };
}

async function stop(children: ChildProcess[]): Promise<void> {
  const ended = children.map((child) => new Promise((resolve) => child.once("close", resolve)));
  for (const child of children) child.stdin?.write("stop\n");
  await Promise.all(ended);
}

describeWithPostgres("two processes of the service on one database", () => {
  it("never pay twice, credit twice, or leave anything undone", { timeout: 120_000 }, async () => {
    const { asked, start, paid, expectAllPaidOnce, close } = await openSharedWorld();
    const children = [start(), start()];
    await until(async () => (await paid()) === MERCHANTS);
    await stop(children);
    expect(asked).toHaveLength(MERCHANTS);
    expect(new Set(asked).size).toBe(MERCHANTS);
    await expectAllPaidOnce();
    await close();
  });

  it("never pay twice when one is killed in the middle of it: the other one finishes", {
    timeout: 120_000,
  }, async () => {
    const { asked, start, paid, expectAllPaidOnce, close } = await openSharedWorld();
    const [first, second] = [start({ speed: 30 }), start({ speed: 30 })];
    await until(async () => asked.length > 4);
    first.kill("SIGKILL");
    await until(async () => (await paid()) === MERCHANTS);
    await stop([second]);
    // What the first one had sent may be sent again, as the same invoice, and that is one payment.
    expect(new Set(asked).size).toBe(MERCHANTS);
    await expectAllPaidOnce();
    await close();
  });

  it.each<Step>(["payout-reserved", "payout-invoiced", "payout-sending", "payout-sent", "payout-ended"])(
    "never pay twice when one is killed at %s while the other goes on",
    { timeout: 120_000 },
    async (step) => {
      const [few, speed] = [4, 60];
      const { world, asked, start, paid, expectAllPaidOnce, close } = await openSharedWorld(few);
      const [first, began] = [world.clock().getTime() + 60_000, performance.now()];
      const now = () => first + (performance.now() - began) * speed;
      // The payees' invoices are as new as everybody's time is.
      const ticking = setInterval(() => world.clock.set(new Date(now())), 10);
      // The one that is killed begins first, so that it has something in its hands.
      const killed = start({ speed, now: now(), dieAt: step });
      const signal = new Promise((resolve) => killed.once("close", (_, by) => resolve(by)));
      const begun = until(async () => (await world.service.payouts.list(null, 1)).length > 0);
      await Promise.race([signal, begun]);
      const other = start({ speed, now: now() });
      expect(await signal).toBe("SIGKILL");
      await until(async () => (await paid()) === few);
      await stop([other]);
      clearInterval(ticking);
      expect(new Set(asked).size).toBe(few);
      await expectAllPaidOnce();
      await close();
    },
  );
});
