import { expect, inject, it } from "vitest";
import type { Database } from "../../src/database/database.ts";
import { openDatabase } from "../../src/database/open-database.ts";
import { createTestDatabase } from "../postgres/open-test-database.ts";
import { openWorld } from "../world.ts";

const BOOKED = "what is booked is what its invoice or payout says";

const kinds = [["PGlite in memory", () => openDatabase()] as const];
if (inject("postgresUrl"))
  kinds.push(["a Postgres server" as never, async () => openDatabase({ url: await createTestDatabase() })]);

/** What whoever owns the tables can do: without triggers, it moves money inside a transaction, so that everything still adds up. */
function move(database: Database, [kind, ref]: [string, string], from: string, to: string, msat: number) {
  const transaction = `(select id from managed.transactions where kind = '${kind}' and ref = '${ref}')`;
  const add = (account: string, change: number) => `
    update managed.entries set amount_msat = amount_msat + ${change}
      where transaction_id = ${transaction} and account = '${account}';
    insert into managed.entries (id, transaction_id, account, amount_msat)
      select nextval('managed.entry_ids'), ${transaction}, '${account}', ${change}
      where not exists (select 1 from managed.entries where transaction_id = ${transaction} and account = '${account}');
    insert into managed.balances (account) values ('${account}') on conflict do nothing;
    update managed.balances set balance_msat = balance_msat + ${change} where account = '${account}' and shard = 0;
    update managed.entries e set balance_msat = total from (select id, sum(amount_msat) over (order by id) total
      from managed.entries where account = '${account}' and account ~ '^(merchant|owed):') own where own.id = e.id;`;
  const triggers = (state: string) =>
    ["entries", "balances"].map((table) => `alter table managed.${table} ${state} trigger user;`).join("");
  return database.script(
    `begin; ${triggers("disable")} ${add(from, -msat)} ${add(to, msat)} ${triggers("enable")} commit`,
  );
}

it.each(kinds)(
  "the audit names every transaction that adds up and is not what was paid, on %s",
  async (_, open) => {
    const world = await openWorld({ database: await open() });
    const { database, service } = world;
    const [{ merchant }, { merchant: direct }] = [await world.register(), await world.register("direct", "direct")];
    const [own, owed] = [`merchant:${merchant.id}`, `owed:${direct.id}`];
    const sell = async (): Promise<[string, string]> => [
      "payment",
      (await world.sell(merchant, 1_000_000)).payment_hash,
    ];
    const pay = async (id: string, fee: number | null): Promise<[string, string]> => {
      await database.query(
        "select managed.reserve_payout($1, $2, 'withdrawal', 'x', 500000, 5000, now(), 'ln', repeat($3, 64), now(), null, null)",
        [id, own, id],
      );
      await database.query("select managed.end_payout($1, $2, $3, 'no', now())", [id, fee && "preimage", fee]);
      return [fee ? "payout-paid" : "payout-returned", id];
    };

    const directSale = (await world.sell(direct, 1_000_000)).payment_hash;
    const bill = await service.invoices.bill(direct);
    world.node.settle(bill.payment_hash);
    await service.settlement.check(bill);
    const falsified: [transaction: [string, string], from: string, to: string][] = [
      [await sell(), own, "fee"],
      [await sell(), own, "merchant:another1"],
      [await sell(), "fee", own],
      [await sell(), "node", own],
      [["direct-sale", directSale], "fee:billed", owed],
      [["bill-paid", bill.payment_hash], "fee", owed],
      [await pay("a", 1_000), own, "fee"],
      [await pay("b", 1_000), "node", own],
      [await pay("c", null), own, "fee"],
    ];
    expect(await service.solvency.audit()).toEqual([]);

    for (const [transaction, from, to] of falsified) await move(database, transaction, from, to, 1_000);
    // This one needs no trigger switched off.
    await database.query("select managed.post('payout-paid', 'none', now(), $1, array[-1000, 1000])", [[own, "node"]]);
    const found = await service.solvency.audit();
    expect(found.map(({ detail }) => detail).sort()).toEqual([...falsified.map(([[, ref]]) => ref), "none"].sort());
    expect(new Set(found.map(({ rule }) => rule))).toEqual(new Set([BOOKED]));
    expect((await service.switches.read()).get("payouts_paused")).toContain(BOOKED);
    await world.close();
  },
  60_000,
);

it("the audit names an account whose statement shows another balance than its entries add up to", async () => {
  const world = await openWorld();
  const { merchant } = await world.register();
  for (const amountMsat of [1_000, 2_000, 3_000]) await world.sell(merchant, amountMsat);
  const own = `merchant:${merchant.id}`;
  await world.database.script(
    `alter table managed.entries disable trigger user;
      update managed.entries set balance_msat = balance_msat + 1 where account = '${own}' and amount_msat = 1994;
      alter table managed.entries enable trigger user`,
  );
  expect(await world.service.solvency.audit()).toEqual([
    { rule: "a running balance is the one before it and the entry", detail: own },
  ]);
  await world.close();
});
