import { createHash } from "node:crypto";
import { decodeInvoice } from "@l402/core";
import { startRegtest } from "@l402/regtest";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createService, type Service } from "../src/create-service.ts";
import type { Database } from "../src/database/database.ts";
import type { Merchant } from "../src/merchants/merchants.ts";
import { type PayeeServer, startPayeeServer } from "./payee-server.ts";
import { openTestDatabase } from "./postgres/open-test-database.ts";

/** Real nodes, in a line: a payout goes over a node that takes its fee. */
type Network = Awaited<ReturnType<typeof startRegtest<"buyer" | "service" | "router" | "merchant">>>;

const PRICES_SATS = [1, 10, 100, 333, 1_000];
const ROUTING_MSAT = 1_001;

let network: Network;
let database: Database;
let payees: PayeeServer;
let service: Service;
let merchant: Merchant;
let capitalMsat: number;
/** Lets time pass, which real nodes do not wait for. */
let passedMs = 0;
/** Of the wallet. */
let patienceSeconds = 20;

beforeAll(async () => {
  network = await startRegtest({ nodes: ["buyer", "service", "router", "merchant"] });
  database = await openTestDatabase();
  const { nodes } = network;
  payees = await startPayeeServer({
    createInvoice: (amountMsat, descriptionHash) =>
      nodes.merchant.createHashedInvoice({ amountMsat, descriptionHash, expiresInSeconds: 7 * 86_400 }),
    isSettled: async (paymentHash) =>
      (await nodes.merchant.provider.lookupInvoice({ paymentHash })).status === "settled",
  });
  const { provider, wallet, nodeId } = nodes.service;
  service = createService({
    ...{ database, provider, nodeId, network: "regtest", allowPrivateHosts: true },
    wallet: { ...wallet, payInvoice: (input) => wallet.payInvoice({ ...input, timeoutSeconds: patienceSeconds }) },
    nodeBalanceMsat: () => nodes.service.balance().ownedMsat,
    clock: () => new Date(Date.now() + passedMs),
    onAlarm: (text) => expect.unreachable(text),
  });
  ({ merchant } = await service.merchants.register(payees.address("shop")));
  await network.idle();
  capitalMsat = nodes.service.balance().ownedMsat;
});
afterAll(async () => {
  payees.close();
  network.close();
  await database.close();
});

async function buy(amountMsat: number): Promise<void> {
  const row = await service.invoices.create(merchant, { amountMsat, description: "Tea", expiresInSeconds: 600 });
  const paid = await network.nodes.buyer.wallet.payInvoice({ bolt11: row.bolt11, maxFeeMsat: 10_000 });
  if (paid.status !== "paid") throw new Error(`The buyer could not pay: ${paid.reason}`);
  expect(createHash("sha256").update(Buffer.from(paid.preimage, "hex")).digest("hex")).toBe(row.payment_hash);
  await network.idle();
  await service.settlement.hint(row.payment_hash);
}

/** The ledger and every node, to the millisatoshi. */
async function expectBalancedBooks(paidOutMsat: number): Promise<void> {
  await network.idle();
  const { balance, isSolvent } = await service.solvency.measure();
  expect(isSolvent).toBe(true);
  expect(balance.nodeMsat).toBe(network.nodes.service.balance().ownedMsat - capitalMsat);
  expect(network.nodes.merchant.balance().ownedMsat).toBe(paidOutMsat);
  expect(await service.solvency.audit()).toEqual([]);
}

describe("with real Lightning", () => {
  it("buyers pay, the merchant is credited 99.7 %, and its address is paid out: balanced to the msat", async () => {
    for (const sats of PRICES_SATS) await buy(sats * 1_000);
    const received = 1_444_000;
    const fee = 3 + 30 + 300 + 999 + 3_000;
    expect(await service.balance(merchant.id)).toEqual({ availableMsat: received - fee, pendingMsat: 0, owedMsat: 0 });
    await expectBalancedBooks(0);

    await service.tick();
    const [payout] = await service.payouts.list(null);
    // 1 439 668 msat: so many whole sats that a hundredth of them fits on top.
    expect(payout).toMatchObject({
      status: "paid",
      amount_msat: 1_425_000,
      max_fee_msat: 14_250,
      fee_msat: ROUTING_MSAT,
    });
    expect(
      createHash("sha256")
        .update(Buffer.from(String(payout?.preimage), "hex"))
        .digest("hex"),
    ).toBe(payout?.payment_hash);
    expect(decodeInvoice(String(payout?.bolt11)).descriptionHash).toMatch(/^[0-9a-f]{64}$/);
    const left = received - fee - 1_425_000 - ROUTING_MSAT;
    expect(await service.balance(merchant.id)).toEqual({ availableMsat: left, pendingMsat: 0, owedMsat: 0 });
    await expectBalancedBooks(1_425_000);

    const lines = await service.statement(merchant.id);
    expect(lines.reduce((sum, { availableChangeMsat }) => sum + availableChangeMsat, 0)).toBe(left);
  });

  it("a payee who holds a payment back keeps it pending, and is paid once when it takes it", async () => {
    passedMs += 3_600_000;
    await buy(2_000_000);
    const hold = network.nodes.merchant.hold();
    patienceSeconds = 0.5;
    await service.tick();
    patienceSeconds = 20;
    await hold.arrival();
    const [pending] = await service.payouts.list(null);
    expect(pending).toMatchObject({ status: "sending" });
    const owed = await service.balance(merchant.id);
    expect(owed.pendingMsat).toBe((pending?.amount_msat ?? 0) + (pending?.max_fee_msat ?? 0));
    expect((await service.solvency.check()).isSolvent).toBe(true);
    passedMs += 30_000;
    await service.tick();
    expect(await service.payouts.find(pending?.id as string)).toMatchObject({ status: "sending" });

    await hold.claim();
    await network.idle();
    passedMs += 30_000;
    await service.tick();
    expect(await service.payouts.find(pending?.id as string)).toMatchObject({ status: "paid", fee_msat: ROUTING_MSAT });
    await expectBalancedBooks(1_425_000 + (pending?.amount_msat ?? 0));
  });

  it("a payee who sends a payment back gets none, and the money is the merchant's again", async () => {
    passedMs += 3_600_000;
    await buy(2_000_000);
    const had = await service.balance(merchant.id);
    const before = network.nodes.merchant.balance().ownedMsat;
    const hold = network.nodes.merchant.hold();
    patienceSeconds = 0.5;
    await service.tick();
    patienceSeconds = 20;
    await hold.arrival();
    await hold.failBack();
    await network.idle();
    passedMs += 30_000;
    await service.tick();
    expect((await service.payouts.list(null))[0]).toMatchObject({ status: "failed" });
    expect(await service.balance(merchant.id)).toEqual(had);
    await expectBalancedBooks(before);
  });
});
