import { signInvoice } from "@l402/bolt11/signature";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Owner } from "../../src/merchants/merchants.ts";
import { problemOf } from "../../src/problem.ts";
import { openWorld, type World } from "../world.ts";

const OWN_NODE_KEY = "aa".repeat(32);
/** The public key of that. */
const OWN_NODE_ID = "026a04ab98d9e4774ad806e302dddeb63bea16b5cb5f223ee77478e861bb583eb3";

let world: World;
let who: Owner;
beforeAll(async () => {
  world = await openWorld({ nodeId: OWN_NODE_ID, payoutThresholdMsat: 1_000_000_000 });
  const { ownerKey } = await world.register();
  who = await world.service.merchants.byOwnerKey(ownerKey);
  await world.sell(who, 10_000_000);
});
afterAll(async () => {
  expect(world.outside.payments).toEqual([]);
  expect(await world.balanceOf(who)).toBe(9_970_000);
  await world.close();
});

let made = 0;
function invoice(changes: Partial<Parameters<typeof signInvoice>[0]> = {}, key = "bb".repeat(32)): string {
  const timestamp = world.clock();
  made++;
  return signInvoice(
    {
      ...{ network: "regtest", amountMsat: 1_000n, timestamp, expiresAt: new Date(timestamp.getTime() + 600_000) },
      ...{ paymentHash: made.toString(16).padStart(64, "0"), paymentSecret: "cc".repeat(32), description: "" },
      ...changes,
    },
    key,
  );
}

async function expectRefused(bolt11: string, text: string): Promise<void> {
  const thrown: unknown = await world.service.withdrawals
    .forMerchant(who, { bolt11 }, `k${++made}`)
    .catch((error) => error);
  expect(problemOf(thrown)).toMatchObject({ code: "INVOICE_INVALID", detail: expect.stringContaining(text) });
}

describe("an invoice that is not to be paid", () => {
  it("the key of the tests is that of the node", async () => {
    await expectRefused(invoice({}, OWN_NODE_KEY), "created by this service itself");
  });

  it.each([
    ["no invoice", () => "hello", "not a valid"],
    ["an empty text", () => "", "not a valid"],
    ["a broken checksum", () => invoice().replace(/.$/, (last) => (last === "q" ? "p" : "q")), "not a valid"],
    ["a mainnet invoice", () => invoice({ network: "bitcoin" }), "this service uses regtest"],
    ["an invoice without an amount", () => invoice({ amountMsat: undefined }), "no amount"],
    ["an invoice above 2^53 msat", () => invoice({ amountMsat: 2n ** 60n }), "no amount"],
    [
      "an invoice that has expired",
      () => invoice({ expiresAt: new Date(world.clock().getTime() + 1_000) }),
      "expires too soon to be paid",
    ],
    [
      "an invoice that is about to expire",
      () => invoice({ expiresAt: new Date(world.clock().getTime() + 9_000) }),
      "expires too soon to be paid",
    ],
  ])("%s", async (_, make, text) => {
    await expectRefused(make(), text);
  });

  it("one that the service made itself, also for another amount and signed by another key", async () => {
    const order = { amountMsat: 5_000, description: "", expiresInSeconds: 600 };
    const own = await world.service.invoices.create(who, order);
    await expectRefused(own.bolt11, "created by this service itself");
    await expectRefused(invoice({ paymentHash: own.payment_hash }), "created by this service itself");
    const { ownerKey } = await world.register("other");
    const other = await world.service.merchants.byOwnerKey(ownerKey);
    const theirs = await world.service.invoices.create(other, order);
    await expectRefused(theirs.bolt11.toUpperCase(), "created by this service itself");
  });
});
