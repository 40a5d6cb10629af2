import { mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect, it } from "vitest";
import { openDatabase } from "../../src/database/open-database.ts";
import { openWorld } from "../world.ts";
import { serveNode } from "./remote-node.ts";
import { runVictim } from "./start-victim.ts";

const TITLE =
  "kill -9 on the embedded database: what was credited and sent is on the disk, and the next process goes on";

it(TITLE, { timeout: 180_000 }, async () => {
  const folder = mkdtempSync(`${tmpdir()}/l402-embedded-`);
  const before = await openDatabase({ folder });
  const world = await openWorld({ database: before });
  const served = await serveNode({ provider: world.node.provider, wallet: world.outside.wallet });
  const { merchant } = await world.register("alice");
  const order = { amountMsat: 2_000_000, description: "Tea", expiresInSeconds: 600 };
  const { payment_hash: paymentHash } = await world.service.invoices.create(merchant, order);
  world.node.settle(paymentHash);
  await before.close();

  // One round credits the payment, pays it out, and is killed before it has written down that it was paid.
  const now = world.clock().getTime() + 3_000;
  const killed = await runVictim({ folder, nodeUrl: served.url, now, act: "payout", dieAt: "payout-sent" });
  expect(killed).toMatchObject({ signal: "SIGKILL" });

  // Some seconds later the dead process's lock is dead as well.
  utimesSync(`${folder}/lock`, new Date(0), new Date(0));
  const database = await openDatabase({ folder });
  const service = world.another({ database });
  expect(await service.balance(merchant.id)).toMatchObject({
    availableMsat: 1_994_000 - 1_993_740,
    pendingMsat: 1_993_740,
  });
  world.clock.advanceSeconds(60);
  await service.tick();
  expect(await service.payouts.list(null)).toMatchObject([{ status: "paid", amount_msat: 1_974_000 }]);
  expect(world.outside.calls.payInvoice).toBe(1);
  expect(await service.solvency.audit()).toEqual([]);
  expect((await service.solvency.measure()).balance.nodeMsat).toBe(world.nodeBalanceMsat());
  served.close();
  await database.close();
  world.payees.close();
  rmSync(folder, { recursive: true, force: true });
});
