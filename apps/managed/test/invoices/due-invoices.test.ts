import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDueInvoices, type Whose } from "../../src/invoices/due-invoices.ts";
import { openWorld, type World } from "../world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

/** The n-th of `total` invoices is that of the merchant whose number `merchant` is, in SQL. */
async function insert(whose: Whose, merchants: number, total: number, merchant: string) {
  const key = (prefix: string) => (whose === "keyless" ? "null" : `sha256(('${prefix}' || n)::bytea)`);
  await world.database.query(
    `insert into managed.merchants (id, lightning_address, key_hash, owner_key_hash, created_at, next_payout_at)
      select 'merchant' || n, 'm' || n || '@example.com', ${key("k")}, ${key("o")}, $1, $1 from generate_series(1, $2::int) n`,
    [world.clock(), merchants],
  );
  await world.database.query(
    `insert into managed.invoices (payment_hash, merchant_id, kind, address, is_keyless, amount_msat, description, bolt11, created_at,
        expires_at, next_check_at)
      select lpad(to_hex(n), 64, '0'), 'merchant' || (${merchant}), $3, $4, $5, 1000, '', '', $1, $1::timestamptz + interval '1 hour',
        $1::timestamptz + n * interval '1 ms' from generate_series(1, $2::int) n`,
    [
      ...[world.clock(), total, whose === "direct" ? "direct" : "sale"],
      ...[whose === "direct" ? "m@example.com" : null, whose === "keyless"],
    ],
  );
}

/** Takes all that is due. Answers the merchants, in the order of their turns. */
async function takeAll(whose: Whose): Promise<string[]> {
  const due = createDueInvoices(world.service.settings);
  const taken: string[] = [];
  do for (const { merchant_id } of await due.take(whose, world.clock())) taken.push(merchant_id);
  while (due.isBehind(whose));
  return taken;
}

describe.each<Whose>(["node", "keyless", "direct"])("invoices to be looked at (%s)", (whose) => {
  it("are taken in turns, however many invoices others have ordered, and however many others there are", async () => {
    // Ten with a hundred each, which are the oldest, and then 210 with two each. That is more than a batch of merchants.
    await insert(whose, 220, 1_420, "case when n <= 1000 then 1 + n % 10 else 11 + n % 210 end");
    world.clock.advanceSeconds(3);
    const taken = await takeAll(whose);
    expect(taken).toHaveLength(1_420);
    // After a batch of the oldest, all have one turn before anybody has two, but for the last batch of a round.
    const turns = taken.slice(200);
    for (let n = 11; n <= 220; n++) {
      expect(turns.indexOf(`merchant${n}`)).toBeLessThan(2 * 200);
      expect(turns.lastIndexOf(`merchant${n}`)).toBeLessThan(4 * 200);
    }
    expect(await takeAll(whose)).toEqual([]);
  });
});

it("a merchant with something due is found behind thousands who have nothing due", async () => {
  await insert("node", 4_500, 4_900, "case when n > 4500 then 1 else n end");
  await world.database.query(
    "update managed.invoices set next_check_at = next_check_at + interval '1 h' where payment_hash <= $1",
    [(4_500).toString(16).padStart(64, "0")],
  );
  await world.database.query("update managed.invoices set next_check_at = $1 where merchant_id = 'merchant999'", [
    world.clock(),
  ]);
  world.clock.advanceSeconds(10);
  const taken = await takeAll("node");
  expect(taken.filter((id) => id === "merchant1")).toHaveLength(400);
  expect(taken).toContain("merchant999");
  expect(taken).toHaveLength(401);
});
