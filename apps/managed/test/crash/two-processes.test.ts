import type { LightningWallet } from "@l402/core";
import { expect, it } from "vitest";
import { openDatabase } from "../../src/database/open-database.ts";
import { createTestDatabase, describeWithPostgres } from "../postgres/open-test-database.ts";
import { openWorld } from "../world.ts";
import { serveNode } from "./remote-node.ts";
import { startVictim } from "./start-victim.ts";

const MERCHANTS = 40;

/** Resolves when something holds. The processes tick every second. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}

describeWithPostgres("two processes of the service on one database", () => {
  it("never pay twice, credit twice, or leave anything undone", { timeout: 120_000 }, async () => {
    const databaseUrl = await createTestDatabase();
    const world = await openWorld({ database: await openDatabase({ url: databaseUrl }), feeMsat: 1_000 });
    const asked: string[] = [];
    // A wallet that would pay as often as it is asked.
    const wallet: LightningWallet = {
      ...world.outside.wallet,
      async payInvoice(input) {
        asked.push(input.bolt11);
        return world.outside.wallet.payInvoice(input);
      },
    };
    const node = await serveNode({ provider: world.node.provider, wallet });
    const order = { amountMsat: 2_000_000, description: "Tea", expiresInSeconds: 600 };
    for (let i = 0; i < MERCHANTS; i++) {
      const { merchant } = await world.register();
      const { payment_hash } = await world.service.invoices.create(merchant, order);
      // Paid, and nobody has said so: both processes find it.
      world.node.settle(payment_hash);
    }
    const now = world.clock().getTime() + 60_000;
    const settings = { databaseUrl, nodeUrl: node.url, now, dieAt: "never", act: "run" } as const;
    const children = [startVictim(settings), startVictim(settings)];
    await until(async () => (await world.service.statistics(1)).payouts.paid === MERCHANTS);
    const ended = children.map((child) => new Promise((resolve) => child.once("close", resolve)));
    for (const child of children) child.stdin?.write("stop\n");
    await Promise.all(ended);

    expect(asked).toHaveLength(MERCHANTS);
    expect(new Set(asked).size).toBe(MERCHANTS);
    expect(world.outside.payments.filter(({ status }) => status === "paid")).toHaveLength(MERCHANTS);
    const { payouts, invoices } = await world.service.statistics(1);
    expect([payouts, invoices.settled]).toEqual([{ reserved: 0, sending: 0, paid: MERCHANTS, failed: 0 }, MERCHANTS]);
    expect(await world.service.solvency.audit()).toEqual([]);
    expect((await world.service.solvency.measure()).balance.nodeMsat).toBe(world.nodeBalanceMsat());
    node.close();
    await world.close();
  });
});
