import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Owner } from "../../src/merchants/merchants.ts";
import { problemOf } from "../../src/problem.ts";
import { openWorld, type World } from "../world.ts";

// A seller gives a payment back. What one would try: another's payment, twice, more than was paid, without having paid.

let world: World;
beforeAll(async () => {
  world = await openWorld({ feeMsat: 500, payoutThresholdMsat: 1_000_000_000 });
});
afterAll(async () => {
  expect(await world.service.solvency.audit()).toEqual([]);
  await world.close();
});

const never = () => expect.unreachable();
const refused = (code: string) => (error: unknown) => expect(problemOf(error)).toMatchObject({ code });

async function owner(mode?: Owner["mode"]): Promise<Owner> {
  const { ownerKey } = await world.register(undefined, mode);
  return world.service.merchants.byOwnerKey(ownerKey);
}
const invoiceFor = async (amountMsat: number) =>
  (await world.outside.provider.createInvoice({ amountMsat, description: "", expiresInSeconds: 600 })).bolt11;

/** Something is sold; answers what the buyer has then. */
async function sale(merchant: Owner, amountMsat: number) {
  const row = await world.service.invoices.create(merchant, { amountMsat, description: "", expiresInSeconds: 600 });
  const preimage = (row.kind === "direct" ? world.outside : world.node).settle(row.payment_hash);
  await world.service.settlement.check(row);
  return { paymentHash: row.payment_hash, preimage };
}
type Bought = Awaited<ReturnType<typeof sale>>;

const refund = async (who: Owner, bought: Bought, amountMsat: number, key: string, maxFeeMsat = 1_000) =>
  world.service.withdrawals.refund(who, { ...bought, bolt11: await invoiceFor(amountMsat), maxFeeMsat }, key);

describe("a refund", () => {
  it("pays the buyer's invoice from the seller's balance, and the statement says which payment it was", async () => {
    const seller = await owner();
    const [bought] = [await sale(seller, 100_000), await sale(seller, 100_000)];
    const paid = await (await refund(seller, bought, 100_000, "a")).sent;
    expect(paid).toMatchObject({ status: "paid", amount_msat: 100_000, fee_msat: 500, refund_of: bought.paymentHash });
    // The fee of 300 msat stays with the service, and the way costs the seller.
    expect(await world.balanceOf(seller)).toBe(2 * 99_700 - 100_500);
    const lines = await world.service.statement(seller.id);
    expect(lines.map(({ kind, refundOf }) => [kind, refundOf])).toEqual([
      ["payment", null],
      ["payment", null],
      ["payout-reserved", bought.paymentHash],
      ["payout-paid", bought.paymentHash],
    ]);
  });

  it("is the same for the same key, and another one for the same payment is refused, at the same time too", async () => {
    const seller = await owner();
    const [bought] = [await sale(seller, 50_000), await sale(seller, 500_000)];
    const request = { ...bought, bolt11: await invoiceFor(50_000), maxFeeMsat: 1_000 };
    const same = await Promise.all(
      Array.from({ length: 5 }, () => world.service.withdrawals.refund(seller, request, "same")),
    );
    expect(new Set(same.map(({ row }) => row.id)).size).toBe(1);
    const again = await Promise.allSettled(Array.from({ length: 5 }, (_, i) => refund(seller, bought, 1_000, `k${i}`)));
    for (const result of again)
      expect(problemOf((result as PromiseRejectedResult).reason)?.code).toBe("ALREADY_REFUNDED");

    const other = await sale(seller, 40_000);
    const raced = await Promise.allSettled(Array.from({ length: 5 }, (_, i) => refund(seller, other, 40_000, `r${i}`)));
    expect(raced.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await world.service.withdrawals
      .refund(seller, { ...other, bolt11: request.bolt11, maxFeeMsat: 1_000 }, "same")
      .then(never, refused("IDEMPOTENCY_KEY_REUSED"));
  });

  it("is never more than what was paid, nor than what the seller has, and never below a sat", async () => {
    const seller = await owner();
    const bought = await sale(seller, 10_000);
    await refund(seller, bought, 10_001, "a").then(never, refused("INVOICE_INVALID"));
    await refund(seller, bought, 10_000, "b").then(never, refused("BALANCE_TOO_LOW"));
    await refund(seller, bought, 999, "c").then(never, refused("INVOICE_INVALID"));
    expect(await world.balanceOf(seller)).toBe(9_970);
    expect(await (await refund(seller, bought, 8_000, "d")).sent).toMatchObject({ status: "paid" });
  });

  it("is for whoever has the preimage, not for all who saw the invoice", async () => {
    const seller = await owner();
    const bought = await sale(seller, 10_000);
    for (const preimage of ["00".repeat(32), bought.paymentHash, "", "xyz"])
      await refund(seller, { ...bought, preimage }, 1_000, "a").then(never, refused("PREIMAGE_WRONG"));
  });

  it("is of a payment to the seller themself: of none that is another's, unpaid, direct, or made up", async () => {
    const [seller, mallory] = [await owner(), await owner()];
    const bought = await sale(seller, 10_000);
    await sale(mallory, 100_000);
    await refund(mallory, bought, 1_000, "a").then(never, refused("NOT_FOUND"));

    const order = { amountMsat: 5_000, description: "", expiresInSeconds: 600 };
    const unpaid = await world.service.invoices.create(mallory, order);
    const preimage = world.node.settle(unpaid.payment_hash);
    // The node was paid, and the ledger does not know yet.
    const early = { paymentHash: unpaid.payment_hash, preimage };
    await refund(mallory, early, 1_000, "b").then(never, refused("NOT_FOUND"));

    const direct = await owner("direct");
    await refund(direct, await sale(direct, 10_000), 1_000, "c").then(never, refused("NOT_FOUND"));
    const strange = await world.outside.provider.createInvoice(order);
    const known = { paymentHash: strange.paymentHash, preimage: world.outside.settle(strange.paymentHash) };
    await refund(mallory, known, 1_000, "d").then(never, refused("NOT_FOUND"));
  });

  it("that failed can be tried again, and one whose outcome is unknown cannot", async () => {
    const seller = await owner();
    const [bought] = [await sale(seller, 20_000), await sale(seller, 100_000)];
    world.outside.next("payInvoice", "failed");
    expect(await (await refund(seller, bought, 20_000, "a")).sent).toMatchObject({ status: "failed" });
    world.outside.next("payInvoice", "unknown-stuck");
    expect(await (await refund(seller, bought, 20_000, "b")).sent).toMatchObject({ status: "sending" });
    await refund(seller, bought, 20_000, "c").then(never, refused("ALREADY_REFUNDED"));
    for (const { paymentHash, status } of world.outside.payments)
      if (status === "in-flight") world.outside.settle(paymentHash);
    world.clock.advanceSeconds(60);
    await world.service.tick();
    await refund(seller, bought, 20_000, "d").then(never, refused("ALREADY_REFUNDED"));
    expect(await world.balanceOf(seller)).toBe(19_940 + 99_700 - 20_500);
  });

  it("waits while payouts are paused, and never pays an invoice of the service", async () => {
    const seller = await owner();
    const bought = await sale(seller, 20_000);
    await world.service.switches.turnOn("payouts_paused", "A test");
    await refund(seller, bought, 1_000, "a").then(never, refused("PAYOUTS_PAUSED"));
    await world.service.switches.turnOff("payouts_paused");
    const order = { amountMsat: 5_000, description: "", expiresInSeconds: 600 };
    const { bolt11 } = await world.service.invoices.create(seller, order);
    const request = { ...bought, bolt11 };
    await world.service.withdrawals.refund(seller, request, "b").then(never, refused("INVOICE_INVALID"));
  });

  it("is kept to these rules by the database, whatever a program does", async () => {
    const [seller, mallory] = [await owner(), await owner()];
    const bought = await sale(seller, 20_000);
    await sale(mallory, 100_000);
    const { row, sent } = await world.service.withdrawals.forMerchant(
      mallory,
      { bolt11: await invoiceFor(50_000), maxFeeMsat: 1_000 },
      "a",
    );
    await sent;
    const claim = (hash: string | null) =>
      world.database.query("update managed.payouts set refund_of = $2 where id = $1", [row.id, hash]);
    await expect(claim(bought.paymentHash)).rejects.toMatchObject({ code: "23001" });
    world.outside.next("payInvoice", "unknown-stuck");
    const mine = await refund(seller, bought, 10_000, "b");
    await mine.sent;
    const drop = "update managed.payouts set refund_of = null where id = $1";
    await expect(world.database.query(drop, [mine.row.id])).rejects.toMatchObject({ code: "23001" });
    expect((await world.service.rules()).join()).toContain("a payment is refunded once");
  });
});
