import { createHash } from "node:crypto";
import { decodeInvoice } from "@l402/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newKey, type Served, serve } from "./served.ts";

let served: Served;
beforeAll(async () => {
  served = await serve({ feeMsat: 1_000 });
});
afterAll(() => served.close());

const invoiceOf = async (amountMsat: number) =>
  (await served.outside.provider.createInvoice({ amountMsat, description: "", expiresInSeconds: 600 })).bolt11;

describe("an account", () => {
  it("is opened with an address, and its keys are shown once and kept as hashes", async () => {
    const address = served.payees.address("anna");
    const { status, body } = await served.ask("/v1/merchants", { json: { lightningAddress: address.toUpperCase() } });
    expect(status).toBe(201);
    expect(body).toMatchObject({ lightningAddress: address, mode: "custodial", nextAddress: null });
    const rows = await served.database.query<{ text: string }>(
      "select to_jsonb(m)::text text from managed.merchants m",
    );
    const stored = rows.map(({ text }) => text).join();
    for (const key of [body.apiKey, body.ownerKey]) {
      expect(stored).not.toContain(key.slice(6));
      expect(stored).toContain(createHash("sha256").update(key).digest("hex"));
    }
    const again = await served.ask("/v1/merchant", { key: body.apiKey });
    expect(again.text).not.toContain("l402m_");
    expect(again.body.lightningAddress).toBe(address);
  });

  it("sells, sees the payment, and the fee is 0.3 %", async () => {
    const { apiKey } = await served.signUp();
    const paymentHash = await served.earn(apiKey, 21_333);
    const { body } = await served.ask(`/v1/invoices/${paymentHash}`, { key: apiKey });
    expect(body).toMatchObject({ status: "settled", receivedMsat: 21_333, feeMsat: 63 });
    const balance = await served.ask("/v1/balance", { key: apiKey });
    expect(balance.body).toEqual({ availableMsat: 21_270, pendingMsat: 0, owedMsat: 0 });
  });

  it("changes its address after a day, and hears of it", async () => {
    const { apiKey, ownerKey } = await served.signUp();
    const next = served.payees.address("moved");
    const asked = await served.ask("/v1/merchant/address", {
      method: "PUT",
      key: ownerKey,
      json: { lightningAddress: next },
    });
    expect(asked.status).toBe(202);
    const from = new Date(served.clock().getTime() + 86_400_000).toISOString();
    expect(asked.body.nextAddress).toEqual({ lightningAddress: next, from });
    expect(asked.body.lightningAddress).not.toBe(next);
    const { body } = await served.ask("/v1/notices", { key: apiKey });
    expect(body.notices).toEqual([
      expect.objectContaining({ kind: "address-change", text: expect.stringContaining(next) }),
    ]);
  });

  it("gets another key for one that leaked, and the old one opens nothing", async () => {
    const { apiKey, ownerKey } = await served.signUp();
    await served.earn(apiKey, 10_000);
    const change = (key: string, which: unknown) => served.ask("/v1/merchant/keys", { key, json: { key: which } });
    expect((await change(apiKey, "owner")).status).toBe(401);
    expect((await change(ownerKey, "constructor")).status).toBe(400);
    const next = (await change(ownerKey, "api")).body;
    expect(Object.keys(next)).toEqual(["apiKey"]);
    expect((await served.ask("/v1/balance", { key: apiKey })).status).toBe(401);
    expect((await served.ask("/v1/balance", { key: next.apiKey })).body.availableMsat).toBe(9_970);
    const owner = (await change(ownerKey, "owner")).body;
    expect((await change(ownerKey, "api")).status).toBe(401);
    expect((await served.ask("/v1/balance", { key: owner.ownerKey })).body.availableMsat).toBe(9_970);
    const { notices } = (await served.ask("/v1/notices", { key: next.apiKey })).body;
    expect(notices.map(({ kind }: { kind: string }) => kind)).toEqual(["key-changed", "key-changed"]);
  });

  it("withdraws by invoice, once for each Idempotency-Key, and gets the proof", async () => {
    const { apiKey, ownerKey } = await served.signUp();
    await served.earn(apiKey, 1_000_000);
    const json = { bolt11: await invoiceOf(500_000) };
    const headers = { "idempotency-key": newKey() };
    const spent = served.outside.balanceMsat;
    const answers = await Promise.all(
      [1, 2, 3].map(() => served.ask("/v1/withdrawals", { key: ownerKey, json, headers })),
    );
    const { body } = await served.ask("/v1/withdrawals", { key: ownerKey, json, headers });
    expect(new Set(answers.map((answer) => answer.body.id))).toEqual(new Set([body.id]));
    expect(body).toMatchObject({ status: "paid", amountMsat: 500_000, feeMsat: 1_000, kind: "withdrawal" });
    expect(createHash("sha256").update(body.preimage, "hex").digest("hex")).toBe(body.paymentHash);
    expect(spent - served.outside.balanceMsat).toBe(501_000);
    expect((await served.ask("/v1/balance", { key: apiKey })).body.availableMsat).toBe(997_000 - 501_000);
    expect((await served.ask(`/v1/payouts/${body.id}`, { key: apiKey })).body).toEqual(body);
    expect((await served.ask("/v1/payouts", { key: apiKey })).body.payouts).toEqual([body]);
    const other = { bolt11: await invoiceOf(1_000) };
    const reused = await served.ask("/v1/withdrawals", { key: ownerKey, json: other, headers });
    expect([reused.status, reused.body.code]).toEqual([422, "IDEMPOTENCY_KEY_REUSED"]);
  });

  it("is told while a withdrawal is under way, and later that it was paid", async () => {
    const { apiKey, ownerKey } = await served.signUp();
    await served.earn(apiKey, 100_000);
    served.outside.next("payInvoice", "unknown-stuck");
    const json = { bolt11: await invoiceOf(10_000) };
    const { status, body } = await served.ask("/v1/withdrawals", {
      key: ownerKey,
      json,
      headers: { "idempotency-key": "1" },
    });
    expect([status, body.status]).toEqual([202, "sending"]);
    expect((await served.ask("/v1/balance", { key: apiKey })).body.pendingMsat).toBeGreaterThan(10_000);
    served.outside.settle(body.paymentHash);
    served.clock.advanceSeconds(60);
    await served.service.tick();
    expect((await served.ask(`/v1/payouts/${body.id}`, { key: apiKey })).body.status).toBe("paid");
  });

  it("resumes payouts", async () => {
    const { apiKey, ownerKey, merchantId } = await served.signUp();
    await served.database.query("update managed.merchants set parked_at = now(), payout_failures = 10 where id = $1", [
      merchantId,
    ]);
    expect((await served.ask("/v1/merchant", { key: apiKey })).body.payouts).toEqual({ state: "parked", failures: 10 });
    const { status, body } = await served.ask("/v1/payouts/resume", { method: "POST", key: ownerKey });
    expect([status, body.payouts]).toEqual([200, { state: "running", failures: 0 }]);
  });

  it("gives a payment back to its buyer, once, and the payout names it", async () => {
    const { apiKey, ownerKey } = await served.signUp();
    await served.earn(apiKey, 100_000);
    const sold = (await served.ask("/v1/invoices", { key: apiKey, json: { amountMsat: 50_000 } })).body;
    const preimage = served.node.settle(sold.paymentHash);
    await served.ask(`/v1/invoices/${sold.paymentHash}`, { key: apiKey });
    const refund = async (amountMsat: number, more: object = {}) =>
      served.ask("/v1/refunds", {
        key: ownerKey,
        json: { paymentHash: sold.paymentHash, preimage, bolt11: await invoiceOf(amountMsat), ...more },
        headers: { "idempotency-key": newKey() },
      });
    const refused = [
      await refund(50_001),
      await refund(1_000, { preimage: "00".repeat(32) }),
      await refund(1_000, { preimage: "abc" }),
      await refund(1_000, { paymentHash: "11".repeat(32) }),
    ];
    expect(refused.map(({ status, body }) => `${status} ${body.code}`)).toEqual([
      ...["422 INVOICE_INVALID", "422 PREIMAGE_WRONG", "400 BODY_INVALID", "422 PREIMAGE_WRONG"],
    ]);
    const { status, body } = await refund(50_000);
    expect([status, body.status, body.refundOf]).toEqual([201, "paid", sold.paymentHash]);
    expect((await refund(1_000)).body.code).toBe("ALREADY_REFUNDED");
    expect((await served.ask("/v1/payouts", { key: apiKey })).body.payouts).toEqual([body]);
    const { lines } = (await served.ask("/v1/statement", { key: apiKey })).body;
    expect(lines.at(-1)).toMatchObject({ kind: "payout-paid", refundOf: sold.paymentHash });
    expect(JSON.stringify([refused, lines])).not.toContain(preimage);
  });

  it("in direct mode, gets invoices of its own address, owes the fee, and is billed", async () => {
    const { apiKey } = await served.signUp(undefined, "direct");
    const { body } = await served.ask("/v1/invoices", { key: apiKey, json: { amountMsat: 1_000_000 } });
    expect(body.kind).toBe("direct");
    served.outside.settle(body.paymentHash);
    expect((await served.ask(`/v1/invoices/${body.paymentHash}`, { key: apiKey })).body.status).toBe("settled");
    expect((await served.ask("/v1/balance", { key: apiKey })).body).toEqual({
      availableMsat: 0,
      pendingMsat: 0,
      owedMsat: 3_000,
    });
    const bill = await served.ask("/v1/bills", { method: "POST", key: apiKey });
    expect([bill.status, bill.body.kind, bill.body.amountMsat]).toEqual([201, "bill", 3_000]);
    served.node.settle(bill.body.paymentHash);
    await served.ask(`/v1/invoices/${bill.body.paymentHash}`, { key: apiKey });
    expect((await served.ask("/v1/balance", { key: apiKey })).body.owedMsat).toBe(0);
    const none = await served.ask("/v1/bills", { method: "POST", key: apiKey });
    expect([none.status, none.body.code]).toEqual([404, "NOT_FOUND"]);
  });
});

describe("without an account", () => {
  it("an address alone gets invoices, and anybody who knows the hash sees whether they were paid", async () => {
    const lightningAddress = served.payees.address("bob");
    const order = { amountMsat: 1_500, description: "Tea", lightningAddress };
    const { status, body } = await served.ask("/v1/invoices", { json: order });
    expect([status, body.kind, body.amountMsat]).toEqual([201, "sale", 1_500]);
    served.node.settle(body.paymentHash);
    expect((await served.ask(`/v1/invoices/${body.paymentHash}`)).body.status).toBe("settled");
  });

  it("in the compatible way too, and its money is paid out to the address", async () => {
    const ownerAddress = served.payees.address("carla");
    const { status, body } = await served.ask("/api/invoice", { json: { amountSats: 2_000, ownerAddress } });
    expect([status, body.amountSats]).toEqual([201, 2_000]);
    expect(body.paymentRequest).toMatch(/^lnbcrt/);
    served.node.settle(body.paymentHash);
    served.clock.advanceSeconds(10);
    await served.service.tick();
    const { paymentHash } = decodeInvoice(String(served.payees.user("carla").invoices.at(-1)));
    const payment = served.outside.payments.find((each) => each.paymentHash === paymentHash);
    // 2 000 sats, less the fee of 6, less what the way may cost.
    expect(payment).toMatchObject({ amountMsat: 1_974_000, status: "paid" });
  });
});

describe("the statement", () => {
  it("has every payment, fee and payout with its proof, and adds up to the balance", async () => {
    const { apiKey, ownerKey } = await served.signUp();
    for (const amountMsat of [1_000, 10_000, 100_000, 333_000, 1_000_000]) await served.earn(apiKey, amountMsat);
    const json = { bolt11: await invoiceOf(400_000) };
    await served.ask("/v1/withdrawals", { key: ownerKey, json, headers: { "idempotency-key": newKey() } });
    served.outside.next("payInvoice", "failed");
    const failing = { bolt11: await invoiceOf(300_000) };
    await served.ask("/v1/withdrawals", { key: ownerKey, json: failing, headers: { "idempotency-key": newKey() } });

    const { body } = await served.ask("/v1/statement", { key: apiKey });
    expect(body.lines.map((line: { kind: string }) => line.kind)).toEqual([
      ...["payment", "payment", "payment", "payment", "payment"],
      ...["payout-reserved", "payout-paid", "payout-reserved", "payout-returned"],
    ]);
    expect(body.next).toBeNull();
    const balance = (await served.ask("/v1/balance", { key: apiKey })).body;
    let [available, pending] = [0, 0];
    for (const line of body.lines) {
      available += line.availableChangeMsat;
      pending += line.pendingChangeMsat;
      expect([line.availableMsat, line.pendingMsat]).toEqual([available, pending]);
      if (line.preimage) expect(createHash("sha256").update(line.preimage, "hex").digest("hex")).toBe(line.paymentHash);
    }
    expect({ availableMsat: available, pendingMsat: pending, owedMsat: 0 }).toEqual(balance);
    expect(body.lines.filter((line: { preimage: string }) => line.preimage)).toHaveLength(1);

    // The same as CSV, page after page or whole.
    const csv = await served.ask("/v1/statement.csv", { key: apiKey });
    expect(csv.headers.get("content-disposition")).toContain("statement.csv");
    const [head = "", ...rows] = csv.text.trim().split("\r\n");
    const columns = head.split(",");
    const cells = rows.map((row) => Object.fromEntries(row.split(",").map((cell, i) => [columns[i], cell])));
    expect(cells.map((cell) => Number(cell.availableMsat))).toEqual(
      body.lines.map((l: { availableMsat: number }) => l.availableMsat),
    );
    expect(cells.reduce((sum, cell) => sum + Number(cell.availableChangeMsat), 0)).toBe(balance.availableMsat);
    const pages: unknown[] = [];
    for (let after = 0; after !== null; ) {
      const page = await served.ask(`/v1/statement?after=${after}&limit=2`, { key: apiKey });
      pages.push(...page.body.lines);
      after = page.body.next;
    }
    expect(pages).toEqual(body.lines);
  });

  it("as CSV is whole however long it is, with one header", async () => {
    const { apiKey, merchantId } = await served.signUp();
    await served.database.query(
      `with made as (insert into managed.invoices (payment_hash, merchant_id, amount_msat, description, bolt11, created_at, expires_at)
        select encode(sha256(('csv' || i)::bytea), 'hex'), $1, 1000, '=1+1', 'x', now(), now() from generate_series(1, 2500) i
        returning payment_hash)
      select count(managed.settle(payment_hash, null, null, now())) from made`,
      [merchantId],
    );
    await served.database.query(
      "select count(managed.settle(payment_hash, null, null, now())) from managed.invoices where merchant_id = $1 and status = 'open'",
      [merchantId],
    );
    const { text } = await served.ask("/v1/statement.csv", { key: apiKey });
    const lines = text.trim().split("\r\n");
    expect(lines.filter((line) => line.startsWith("cursor"))).toHaveLength(1);
    expect(lines).toHaveLength(2_501);
    expect(lines.at(-1)?.split(",").at(-3)).toBe(String(2_500 * 997));
  });
});
