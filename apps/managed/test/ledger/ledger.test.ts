import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { openDatabase } from "../../src/database/open-database.ts";
import type { Merchant } from "../../src/merchants/merchants.ts";
import { createTestDatabase, describeWithPostgres } from "../postgres/open-test-database.ts";
import { openWorld, type World } from "../world.ts";

let world: World;
let merchant: Merchant;
beforeAll(async () => {
  world = await openWorld();
  ({ merchant } = await world.register());
  await world.sell(merchant, 100_000);
});
afterAll(() => world.close());

const run = (text: string, values: unknown[] = []) => world.database.query<Record<string, unknown>>(text, values);
const accounts = () => [`merchant:${merchant.id}`, "fee", "node"];
const post = (kind: string, ref: string, names: string[], amounts: number[]) =>
  run("select managed.post($1, $2, now(), $3, $4) posted", [kind, ref, names, amounts]);

describe("the ledger, whatever the program does", () => {
  it.each([
    ["changes an entry", "update managed.entries set amount_msat = amount_msat + 1"],
    ["deletes an entry", "delete from managed.entries"],
    ["changes a transaction", "update managed.transactions set kind = 'payout-paid'"],
    ["deletes a transaction", "delete from managed.transactions"],
    ["empties the entries", "truncate managed.entries"],
    ["empties the transactions", "truncate managed.transactions cascade"],
    ["empties the balances", "truncate managed.balances"],
    ["changes a balance", "update managed.balances set balance_msat = balance_msat + 1"],
    ["deletes a balance", "delete from managed.balances"],
    ["makes a balance", "insert into managed.balances (account, balance_msat) values ('merchant:x', 5)"],
    ["unpays an invoice", "update managed.invoices set status = 'open', received_msat = null"],
    ["gives an invoice to another", "update managed.invoices set merchant_id = 'x'"],
    ["deletes an invoice", "delete from managed.invoices"],
    ["empties the invoices", "truncate managed.invoices cascade"],
    ["empties the merchants, with all that is theirs", "truncate managed.merchants cascade"],
    ["empties the payouts", "truncate managed.payouts"],
  ])("nobody %s", async (_, text) => {
    const before = await run("select * from managed.entries order by id");
    await expect(run(text)).rejects.toMatchObject({ code: expect.stringMatching(/^23001$/) });
    expect(await run("select * from managed.entries order by id")).toEqual(before);
    expect(await world.service.solvency.audit()).toEqual([]);
  });

  it("takes no transaction that does not sum to zero", async () => {
    await expect(post("payment", "a", accounts(), [50, 40, -100])).rejects.toMatchObject({ code: "23514" });
    await expect(post("payment", "b", [accounts()[0] as string], [50])).rejects.toMatchObject({ code: "23514" });
    expect(await run("select 1 from managed.transactions where ref in ('a', 'b')")).toEqual([]);
  });

  it("takes no entry into a transaction that is closed", async () => {
    const [row] = await run("select max(id) id from managed.transactions");
    await expect(
      run(
        `insert into managed.entries (transaction_id, account, amount_msat)
          values ($1, 'fee', 5), ($1, 'node', -5)`,
        [row?.id],
      ),
    ).rejects.toMatchObject({ code: "23001" });
  });

  it("lets no merchant fall below zero, by one msat", async () => {
    const own = `merchant:${merchant.id}`;
    const has = await world.balanceOf(merchant);
    const take = (msat: number) => post("payout-paid", `take-${msat}`, [own, "node"], [-msat, msat]);
    await expect(take(has + 1)).rejects.toMatchObject({ code: "23514" });
    await expect(post("payout-paid", "pending", [`${own}:pending`, "node"], [-1, 1])).rejects.toMatchObject({
      code: "23514",
    });
    expect(await world.balanceOf(merchant)).toBe(has);
  });

  it("takes a transaction once, and ends a payout in one way", async () => {
    const once = () => post("payment", "once", accounts(), [0, 5, -5]);
    expect(await once()).toEqual([{ posted: true }]);
    expect(await once()).toEqual([{ posted: false }]);
    expect(await post("payout-returned", "end", ["fee", "node"], [5, -5])).toEqual([{ posted: true }]);
    expect(await post("payout-paid", "end", ["fee", "node"], [5, -5])).toEqual([{ posted: false }]);
  });

  it.each(["suspense", "merchant:", "merchant:A", "merchant:a:held", "fee:", "node:1"])(
    "knows no account %s",
    async (account) => {
      await expect(post("payment", account, [account, "node"], [5, -5])).rejects.toMatchObject({ code: "23514" });
    },
  );

  it("finds what was changed behind its back", async () => {
    const own = await openWorld();
    const registered = await own.register();
    await own.sell(registered.merchant, 100_000);
    expect(await own.service.solvency.audit()).toEqual([]);
    // Only whoever owns the tables can do that.
    await own.database.script(
      "alter table managed.balances disable trigger all; update managed.balances set balance_msat = balance_msat + 1 where account like 'merchant:%' and account not like '%:pending'; alter table managed.balances enable trigger all",
    );
    expect(await own.service.solvency.audit()).toEqual([
      { rule: "a balance is the sum of its entries", detail: `merchant:${registered.merchant.id}` },
    ]);
    expect((await own.service.switches.read()).get("payouts_paused")).toContain("a balance is the sum");
    expect(own.alarms).toHaveLength(1);
    await own.close();
  });
});

describeWithPostgres("the ledger on a server", () => {
  it("is closed to roles that were not let in", async () => {
    const url = await createTestDatabase();
    const database = await openDatabase({ url });
    const reader = `reader_${Math.random().toString(36).slice(2)}`;
    await database.script(
      `create role ${reader} login; grant usage on schema managed to ${reader};
       grant select, insert, update, delete on all tables in schema managed to ${reader}`,
    );
    const own = new URL(url);
    own.username = reader;
    const client = new pg.Client({ connectionString: String(own) });
    await client.connect();
    for (const text of [
      "update managed.balances set balance_msat = 7",
      "insert into managed.balances (account, balance_msat) values ('fee', 5)",
      "alter table managed.entries disable trigger append_only",
      "drop trigger append_only on managed.entries",
      "truncate managed.entries",
    ]) {
      await client.query("insert into managed.balances (account, shard) values ('node', 0) on conflict do nothing");
      await expect(client.query(text), text).rejects.toThrow(/append-only|by entries|must be owner|permission denied/);
    }
    await client.end();
    await database.close();
  });

  it("is whole after many settle, reserve and end payouts of the same merchants at the same time", async () => {
    expect(inject("postgresUrl")).not.toBe("");
    const own = await openWorld();
    const two = await Promise.all([own.register("a"), own.register("b")]);
    const hashes: string[] = [];
    for (let i = 0; i < 200; i++) {
      const { merchant: seller } = two[i % 2] as (typeof two)[0];
      const order = { amountMsat: 10_001, description: "", expiresInSeconds: 600 };
      const row = await own.service.invoices.create(seller, order);
      own.node.settle(row.payment_hash);
      hashes.push(row.payment_hash);
    }
    const reserve = (i: number) =>
      own.database.query(
        "select managed.reserve_payout($1, $2, 'withdrawal', 'invoice', 4000, 1000, now(), null, null, null, null, null)",
        [`p${i}`, `merchant:${two[i % 2]?.merchant.id}`],
      );
    const end = (i: number) => own.database.query("select managed.end_payout($1, null, null, 'no', now())", [`p${i}`]);
    await Promise.all(
      hashes.flatMap((hash, i) => [own.service.settlement.hint(hash), own.service.settlement.hint(hash), reserve(i)]),
    );
    await Promise.all(hashes.flatMap((_, i) => [end(i), end(i)]));
    expect(await own.service.solvency.audit()).toEqual([]);
    for (const { merchant: seller } of two) expect(await own.balanceOf(seller)).toBe(100 * (10_001 - 30));
    await own.close();
  });
});
