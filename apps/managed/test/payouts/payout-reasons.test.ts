import { L402Error, type LightningWallet } from "@l402/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Database } from "../../src/database/database.ts";
import { payoutView } from "../../src/http/views.ts";
import { problemOf } from "../../src/problem.ts";
import type { ServiceOptions } from "../../src/settings.ts";
import { openWorld, type World } from "../world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld({ payoutAttempts: 1 });
});
afterEach(() => world.close());

const INSIDE = /vault|10\.0\.0\.7|:8080\b|macaroon|password|relation|ENOTFOUND/i;
const said = new L402Error("PROVIDER_UNREACHABLE", "LND at lnd.vault.internal:8080 cannot be reached (ENOTFOUND).", {
  hint: "Check the macaroon at 10.0.0.7.",
  fundsMoved: "no",
});

const failingWallet = (payInvoice: LightningWallet["payInvoice"]) => ({
  wallet: { ...world.outside.wallet, payInvoice },
});
/** A database that fails where it would write down what is about to be sent. */
const failingDatabase = (): Partial<ServiceOptions> => ({
  database: new Proxy(world.database, {
    get: (target, name: keyof Database) =>
      name === "query"
        ? (text: string, values?: readonly unknown[]) =>
            text.includes("status = 'sending', bolt11")
              ? Promise.reject(new Error('password authentication failed for relation "vault" at 10.0.0.7'))
              : target.query(text, values)
        : target[name],
  }),
});

it.each<[string, () => Partial<ServiceOptions>, RegExp]>([
  ["a wallet that cannot be reached", () => failingWallet(() => Promise.reject(said)), /node cannot be reached/],
  [
    "a wallet that refuses in its own words",
    () => failingWallet(async () => ({ status: "failed", reason: "10.0.0.7 says: macaroon expired" })),
    /no route to the payee/,
  ],
  ["a database that fails", failingDatabase, /internal error of the service/],
])("because of %s tells the merchant nothing of the inside, and the operator all", async (_, more, reason) => {
  const { merchant } = await world.register();
  await world.sell(merchant, 2_000_000);
  await world.another(more()).tick();
  const [row] = await world.service.payouts.list(`merchant:${merchant.id}`);
  if (!row) throw new Error("There must be a payout.");
  expect(row).toMatchObject({ status: "failed", reason: expect.stringMatching(reason) });
  const notices = await world.service.notices.list(merchant.id);
  expect(notices).toHaveLength(1);
  expect(JSON.stringify([payoutView(row), notices])).not.toMatch(INSIDE);
  expect(row.detail).toMatch(INSIDE);
  expect(world.alarms).toEqual([expect.stringMatching(INSIDE)]);
});

it("because of an address tells whoever named it nothing of where its name leads", async () => {
  const world2 = world.another({ allowPrivateHosts: false });
  const details: (string | undefined)[] = [];
  for (const host of ["localtest.invalid", "nobody.invalid"]) {
    const error: unknown = await world2.merchants.register(`a@${host}`).catch((thrown: unknown) => thrown);
    details.push(problemOf(error)?.detail.replace(host, "HOST"));
  }
  expect(details).toEqual(
    Array(2).fill(
      "The service got no invoice from a@HOST. The server of the Lightning Address cannot be reached, or refuses the request.",
    ),
  );
});
