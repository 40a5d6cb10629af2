import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type StatementLine, statementCsv } from "../../src/ledger/statement.ts";
import type { Merchant } from "../../src/merchants/merchants.ts";
import { openWorld, type World } from "../world.ts";

let world: World;
let merchant: Merchant;
beforeAll(async () => {
  world = await openWorld({ feeMsat: 321 });
  ({ merchant } = await world.register());
  for (let day = 0; day < 5; day++) {
    for (let i = 0; i < 3; i++) await world.sell(merchant, 700_003);
    if (day === 2) world.outside.next("payInvoice", "failed");
    if (day === 3) world.outside.next("payInvoice", "unknown-settled");
    await world.service.tick();
    world.clock.advanceSeconds(86_400);
  }
  await world.service.tick();
});
afterAll(() => world.close());

const sum = (lines: StatementLine[], of: (line: StatementLine) => number) =>
  lines.reduce((all, line) => all + of(line), 0);

describe("a statement", () => {
  it("adds up by itself, line by line, to the balance", async () => {
    const lines = await world.service.statement(merchant.id);
    let [available, pending] = [0, 0];
    for (const line of lines) {
      available += line.availableChangeMsat;
      pending += line.pendingChangeMsat;
      expect([line.availableMsat, line.pendingMsat]).toEqual([available, pending]);
    }
    expect(await world.service.balance(merchant.id)).toEqual({
      availableMsat: available,
      pendingMsat: pending,
      owedMsat: 0,
    });
    const payments = lines.filter(({ kind }) => kind === "payment");
    expect(payments).toHaveLength(15);
    for (const { amountMsat, feeMsat, availableChangeMsat } of payments) {
      expect(feeMsat).toBe(Math.floor((amountMsat * 3) / 1000));
      expect(availableChangeMsat).toBe(amountMsat - feeMsat);
    }
    const paid = lines.filter(({ kind }) => kind === "payout-paid");
    expect(paid.length).toBeGreaterThanOrEqual(4);
    const out = sum(paid, ({ amountMsat, routingFeeMsat }) => amountMsat + routingFeeMsat);
    expect(sum(payments, ({ availableChangeMsat }) => availableChangeMsat) - out).toBe(available + pending);
  });

  it("proves every payout with a preimage, and shows none for anything else", async () => {
    for (const { kind, preimage, paymentHash } of await world.service.statement(merchant.id)) {
      if (kind !== "payout-paid") expect(preimage).toBeNull();
      else
        expect(
          createHash("sha256")
            .update(Buffer.from(preimage as string, "hex"))
            .digest("hex"),
        ).toBe(paymentHash);
    }
  });

  it("is the same in pages of any size", async () => {
    const all = await world.service.statement(merchant.id);
    for (const limit of [1, 2, 3, 7, 1_000]) {
      const pages: StatementLine[] = [];
      for (let after = 0; ; after = pages.at(-1)?.cursor ?? 0) {
        const page = await world.service.statement(merchant.id, { after, limit });
        pages.push(...page);
        if (page.length < limit) break;
      }
      expect(pages).toEqual(all);
    }
  });

  it("is nobody else's", async () => {
    const other = await world.register();
    expect(await world.service.statement(other.merchant.id)).toEqual([]);
    expect(await world.service.statement("%")).toEqual([]);
  });

  it("as CSV gives the same balance to a script that knows nothing of us", async () => {
    const csv = statementCsv(await world.service.statement(merchant.id));
    const [head = "", ...rows] = csv.trimEnd().split("\r\n");
    const column = (row: string, name: string) => row.split(",")[head.split(",").indexOf(name)];
    const total = rows.reduce((all, row) => all + Number(column(row, "availableChangeMsat")), 0);
    expect(total).toBe(await world.balanceOf(merchant));
    expect(Number(column(rows.at(-1) as string, "availableMsat"))).toBe(total);
    expect(csv).not.toMatch(/[=@+]|"/);
  });

  it("of a merchant in direct mode is what it owes", async () => {
    const { merchant: direct } = await world.register("direct", "direct");
    for (let i = 0; i < 2; i++) await world.sell(direct, 400_000);
    const bill = await world.service.invoices.bill(direct);
    world.node.settle(bill.payment_hash);
    await world.service.settlement.check(bill);
    const lines = await world.service.statement(direct.id);
    expect(
      lines.map(({ kind, availableChangeMsat, availableMsat, feeMsat }) => [
        kind,
        availableChangeMsat,
        availableMsat,
        feeMsat,
      ]),
    ).toEqual([
      ["direct-sale", -1_200, -1_200, 1_200],
      ["direct-sale", -1_200, -2_400, 1_200],
      ["bill-paid", 2_000, -400, 0],
    ]);
    expect((await world.service.balance(direct.id)).owedMsat).toBe(400);
  });
});
