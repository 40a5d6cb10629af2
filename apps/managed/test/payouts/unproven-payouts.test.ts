import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAdmin } from "../../src/admin/create-admin.ts";
import type { Service } from "../../src/create-service.ts";
import { type Listening, listen } from "../../src/http/listen.ts";
import { createRequestMetrics } from "../../src/http/request-metrics.ts";
import type { Owner } from "../../src/merchants/merchants.ts";
import type { PayoutRow } from "../../src/payouts/payouts.ts";
import { operatorCommand } from "../../src/start/operator-command.ts";
import { openWorld, type World } from "../world.ts";
import { openLnbits } from "./lnbits-of-one-server.ts";

// What is paid by a wallet that cannot prove it: @l402/lnbits, where both wallets are on the same server.

const KEY = "7f3a9c51e2d84b60a1c7e9f2b5d83640";
const FEE = 1_000;
const AMOUNT = 1_974_000;
const LIMIT = 19_740;
const DAY = 86_400;
const SEEN = ["the", "payment", "is", "in", "LNbits", "and", "the", "payee", "has", "it"];

let world: World;
let lnbits: Awaited<ReturnType<typeof openLnbits>>;
let service: Service;
let admin: Listening;
let owner: Owner;
let had: number;

beforeEach(async () => {
  world = await openWorld({ feeMsat: FEE });
  // LNbits' wallet has no clock but the computer's.
  world.clock.set(new Date());
  lnbits = await openLnbits(world.outside);
  service = world.another({ wallet: lnbits.wallet });
  const routes = createAdmin(service, { adminKey: KEY, metrics: createRequestMetrics() });
  admin = await listen(routes.fetch, "127.0.0.1", 0);
  const { ownerKey } = await world.register("alice");
  owner = await world.service.merchants.byOwnerKey(ownerKey);
  await world.sell(owner, 2_000_000);
  had = await world.balanceOf(owner);
});
afterEach(async () => {
  expect(await world.service.solvency.audit()).toEqual([]);
  await admin.close();
  lnbits.close();
  await world.close();
});

/** `npm run managed -- …`, and what it prints. */
async function command(...args: string[]) {
  const { text, exitCode } = await operatorCommand(args, { MANAGED_ADMIN_KEY: KEY, MANAGED_ADMIN_URL: admin.url });
  return { exitCode, printed: text.startsWith("{") ? JSON.parse(text) : text };
}
const refused = (code: string) => ({ exitCode: 1, printed: expect.objectContaining({ code }) });

async function payout(): Promise<PayoutRow> {
  const rows = await world.service.payouts.list(`merchant:${owner.id}`);
  return rows.at(-1) as PayoutRow;
}
const preimageOf = ({ payment_hash }: PayoutRow) => world.outside.settle(payment_hash as string);
const confirm = async (...proof: string[]) => command("confirm-payout", (await payout()).id, String(FEE), ...proof);

/** The payout leaves, and the wallet shows no preimage. */
async function payUnproven(): Promise<PayoutRow> {
  await service.tick();
  return payout();
}

async function expectHeld(): Promise<void> {
  expect(await payout()).toMatchObject({ status: "sending", preimage: null, confirmation: null });
  expect((await world.service.balance(owner.id)).pendingMsat).toBe(AMOUNT + LIMIT);
}

/** Paid once, by the node too, and what the ledger has left is what the node has. */
async function expectPaidOnce(): Promise<void> {
  expect(await payout()).toMatchObject({ status: "paid", amount_msat: AMOUNT, fee_msat: FEE });
  expect(await world.service.balance(owner.id)).toEqual({
    ...{ availableMsat: had - AMOUNT - FEE, pendingMsat: 0, owedMsat: 0 },
  });
  expect(world.outside.payments).toHaveLength(1);
  expect((await world.service.solvency.measure()).balance.nodeMsat).toBe(world.nodeBalanceMsat());
}

describe("a payout that the wallet calls paid without a preimage", () => {
  it("stays set aside, and the operator and the merchant hear of it once", async () => {
    await payUnproven();
    for (let day = 0; day < 60; day += 4) {
      world.clock.advanceSeconds(4 * DAY);
      await service.tick();
    }
    await expectHeld();
    expect(world.outside.payments).toHaveLength(1);
    expect(world.alarms).toEqual([expect.stringMatching(/without the preimage.*confirm-payout/)]);
    const notices = await world.service.notices.list(owner.id);
    expect(notices.map(({ kind }) => kind)).toEqual(["payout-unproven"]);
  });

  it("is paid by itself when the preimage comes", async () => {
    await payUnproven();
    lnbits.state.hasPreimage = true;
    world.clock.advanceSeconds(60);
    await service.tick();
    await expectPaidOnce();
    expect((await payout()).confirmation).toBeNull();
  });

  it("is not given up while the wallet says so, however late", async () => {
    const { id } = await payUnproven();
    world.clock.advanceSeconds(60 * DAY);
    expect(await command("give-up-payout", id)).toMatchObject({
      printed: { code: "ALREADY_UNDER_WAY", detail: expect.stringContaining("reports this payment as paid") },
    });
    await expectHeld();
  });

  describe.each(["failed", "missing"] as const)("and then takes back (%s)", (status) => {
    it("is neither given back nor sent again by the service, and the operator decides", async () => {
      const { id } = await payUnproven();
      lnbits.state.status = status;
      for (let i = 0; i < 30; i++) {
        world.clock.advanceSeconds(60);
        await service.tick();
      }
      await expectHeld();
      expect(lnbits.orders()).toBe(1);
      expect(world.alarms.at(-1)).toContain("now does not");
      world.clock.advanceSeconds(2 * DAY);
      expect(await confirm(...SEEN)).toEqual(refused("ALREADY_UNDER_WAY"));
      expect(await confirm(preimageOf(await payout()))).toEqual(refused("ALREADY_UNDER_WAY"));
      await expectHeld();
      expect(await command("give-up-payout", id)).toMatchObject({ exitCode: 0, printed: { status: "failed" } });
      expect(await world.balanceOf(owner)).toBe(had);
      expect(await confirm(...SEEN)).toEqual(refused("NOT_FOUND"));
    });
  });
});

describe("confirm-payout", () => {
  it("with the preimage ends it at once, writes down who said so, and frees what waited behind it", async () => {
    const { id } = await payUnproven();
    await world.sell(owner, 4_000_000);
    had += 3_988_000;
    await service.tick();
    expect(world.outside.payments).toHaveLength(1);
    const preimage = preimageOf(await payout());
    const { exitCode, printed } = await confirm(preimage.toUpperCase());
    expect([exitCode, printed]).toEqual([0, expect.objectContaining({ id, status: "paid", preimage, feeMsat: FEE })]);
    await expectPaidOnce();
    expect((await payout()).confirmation).toBe("The operator had the preimage.");
    expect(world.alarms.at(-1)).toContain(`Payout ${id} was confirmed as paid by the operator`);
    expect(world.alarms.join()).not.toContain(preimage);
    expect((await world.service.notices.list(owner.id))[0]?.kind).toBe("payout-confirmed");

    lnbits.state.hasPreimage = true;
    world.clock.advanceSeconds(3_700);
    await service.tick();
    expect(world.outside.payments).toHaveLength(2);
  });

  it("without it needs a day since the wallet first said so, and what the operator saw", async () => {
    await payUnproven();
    expect(await confirm(...SEEN)).toEqual(refused("ALREADY_UNDER_WAY"));
    world.clock.advanceSeconds(DAY - 1);
    expect(await confirm(...SEEN)).toEqual(refused("ALREADY_UNDER_WAY"));
    world.clock.advanceSeconds(1);
    expect((await confirm()).printed).toContain("confirm-payout needs");
    await expectHeld();
    const { exitCode, printed } = await confirm(...SEEN);
    const reason = expect.stringContaining("operator has confirmed");
    expect([exitCode, printed]).toEqual([0, expect.objectContaining({ status: "paid", preimage: null, reason })]);
    await expectPaidOnce();
    expect(await payout()).toMatchObject({ preimage: null, confirmation: SEEN.join(" ") });
    expect(world.alarms.at(-1)).toContain(SEEN.join(" "));
    const [line] = (await world.service.statement(owner.id)).slice(-1);
    expect(line).toMatchObject({ kind: "payout-paid", preimage: null, routingFeeMsat: FEE });
  });

  it("counts the day from the wallet's word, not from when the payout was sent", async () => {
    lnbits.state.status = "pending";
    await payUnproven();
    world.clock.advanceSeconds(30 * DAY);
    expect(await confirm(...SEEN)).toEqual(refused("ALREADY_UNDER_WAY"));
    lnbits.state.status = "success";
    // This is the wallet's first word.
    expect(await confirm(...SEEN)).toEqual(refused("ALREADY_UNDER_WAY"));
    world.clock.advanceSeconds(DAY);
    expect((await confirm(...SEEN)).exitCode).toBe(0);
  });

  it("ends a payout once: twice, from two processes at the same time, and not given up afterwards", async () => {
    const { id } = await payUnproven();
    const preimage = preimageOf(await payout());
    const both = await Promise.all([
      ...Array.from({ length: 4 }, () => confirm(preimage)),
      ...Array.from({ length: 4 }, () =>
        world
          .another({ wallet: lnbits.wallet })
          .confirmPayout(id, { feeMsat: FEE, preimage })
          .catch(() => {}),
      ),
    ]);
    // Which of the two is first is chance.
    expect(both.some((answer) => answer && ("exitCode" in answer ? answer.exitCode === 0 : true))).toBe(true);
    await expectPaidOnce();
    expect(await confirm(preimage)).toEqual(refused("NOT_FOUND"));
    world.clock.advanceSeconds(60 * DAY);
    lnbits.state.status = "missing";
    expect(await command("give-up-payout", id)).toEqual(refused("NOT_FOUND"));
    await expectPaidOnce();
    expect(world.alarms.filter((text) => text.includes("was confirmed"))).toHaveLength(1);
  });

  it.each(["pending", "down"] as const)(
    "never while the wallet is %s, with or without the preimage",
    async (status) => {
      lnbits.state.status = "pending";
      await payUnproven();
      lnbits.state.status = status;
      world.clock.advanceSeconds(60 * DAY);
      expect(await confirm(...SEEN)).toEqual(refused("ALREADY_UNDER_WAY"));
      expect(await confirm(preimageOf(await payout()))).toEqual(refused("ALREADY_UNDER_WAY"));
      await expectHeld();
    },
  );

  it("of a payment that the wallet says has failed gives the money back, and says so", async () => {
    lnbits.state.status = "pending";
    await payUnproven();
    lnbits.state.status = "failed";
    world.clock.advanceSeconds(DAY);
    expect(await confirm(...SEEN)).toEqual(refused("NOT_FOUND"));
    expect(await payout()).toMatchObject({ status: "failed", confirmation: null });
    expect(await world.balanceOf(owner)).toBe(had);
  });

  it("refuses another preimage, a mistyped one, a fee above the limit, and payouts that are not there", async () => {
    const { id } = await payUnproven();
    world.clock.advanceSeconds(2 * DAY);
    const preimage = preimageOf(await payout());
    expect(await confirm("00".repeat(32))).toEqual(refused("PREIMAGE_WRONG"));
    expect(await confirm(preimage.slice(1))).toEqual(refused("BODY_INVALID"));
    expect(await confirm("received")).toEqual(refused("BODY_INVALID"));
    expect(await confirm(" ", " ")).toEqual(refused("BODY_INVALID"));
    expect(await command("confirm-payout", id, String(LIMIT + 1), preimage)).toEqual(refused("AMOUNT_INVALID"));
    expect(await command("confirm-payout", "none", "0", preimage)).toEqual(refused("NOT_FOUND"));
    expect(await command("confirm-payout", "../x", "0", preimage)).toEqual(refused("NOT_FOUND"));
    for (const fee of ["", "-1", "1.5", "1e3"])
      expect((await command("confirm-payout", id, fee, preimage)).printed).toContain("confirm-payout needs");
    await expectHeld();
  });

  it("is kept to these rules by the database, whatever a program does", async () => {
    lnbits.state.status = "pending";
    const { id } = await payUnproven();
    const end = (preimage: string | null, confirmation: string | null) =>
      world.database.query("select managed.end_payout($1, $2, 0, null, now(), $3)", [id, preimage, confirmation]);
    // The wallet has not called it paid.
    await expect(end(null, "I say so.")).rejects.toThrow("confirmed_after_the_wallet");
    await expect(
      world.database.query("update managed.payouts set status = 'paid' where id = $1", [id]),
    ).rejects.toThrow("paid_with_proof");
    await expectHeld();
    lnbits.state.status = "success";
    world.clock.advanceSeconds(60);
    await service.tick();
    await expect(end(null, "")).rejects.toThrow("confirmation_check");
    await confirm(preimageOf(await payout()));
    await expect(
      world.database.query("update managed.payouts set confirmation = 'other' where id = $1", [id]),
    ).rejects.toThrow("does not become");
    await expectPaidOnce();
  });
});
