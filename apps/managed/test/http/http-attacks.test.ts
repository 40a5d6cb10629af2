import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newKey, type Served, serve } from "./served.ts";

// How one would steal from the service, or look into other people's books.

let served: Served;
let anna: Awaited<ReturnType<Served["signUp"]>>;
let mallory: Awaited<ReturnType<Served["signUp"]>>;
beforeAll(async () => {
  served = await serve();
  [anna, mallory] = [await served.signUp("anna"), await served.signUp("mallory")];
  await served.earn(anna.apiKey, 1_000_000);
});
afterAll(() => served.close());

const invoiceOf = async (amountMsat: number) =>
  (await served.outside.provider.createInvoice({ amountMsat, description: "", expiresInSeconds: 600 })).bolt11;

describe("Mallory", () => {
  it("does not see the invoice of another, however the hash is written, nor one of an address with a key", async () => {
    const { body } = await served.ask("/v1/invoices", { key: anna.apiKey, json: { amountMsat: 1_000 } });
    const json = { amountMsat: 1_000, lightningAddress: served.payees.address("nobody") };
    const ofAddress = await served.ask("/v1/invoices", { json });
    const attempts: [string, string | undefined][] = [
      [body.paymentHash, mallory.apiKey],
      [body.paymentHash, mallory.ownerKey],
      [body.paymentHash, undefined],
      [body.paymentHash.toUpperCase(), anna.apiKey],
      [ofAddress.body.paymentHash, mallory.apiKey],
      ["0".repeat(64), mallory.apiKey],
    ];
    const answers = await Promise.all(
      attempts.map(([hash, key]) => served.ask(`/v1/invoices/${hash}`, key ? { key } : {})),
    );
    // Those that exist look like those that do not.
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(404);
  });

  it("does not see the payout of another, nor withdraws what is another's", async () => {
    const json = { bolt11: await invoiceOf(100_000) };
    const headers = { "idempotency-key": newKey() };
    const { body } = await served.ask("/v1/withdrawals", { key: anna.ownerKey, json, headers });
    expect((await served.ask(`/v1/payouts/${body.id}`, { key: mallory.ownerKey })).status).toBe(404);
    expect((await served.ask("/v1/payouts", { key: mallory.apiKey })).body.payouts).toEqual([]);
    expect((await served.ask("/v1/statement", { key: mallory.apiKey })).body.lines).toEqual([]);
    expect((await served.ask("/v1/balance", { key: mallory.apiKey })).body.availableMsat).toBe(0);
    const taken = await served.ask("/v1/withdrawals", {
      key: mallory.ownerKey,
      json: { bolt11: await invoiceOf(1_000) },
      headers: { "idempotency-key": newKey() },
    });
    expect([taken.status, taken.body.code]).toEqual([409, "BALANCE_TOO_LOW"]);
  });

  it("learns nothing from an Idempotency-Key of another, and cannot take it away", async () => {
    const headers = { "idempotency-key": newKey() };
    const json = { amountMsat: 5_000 };
    const hers = await served.ask("/v1/invoices", { key: anna.apiKey, json, headers });
    const his = await served.ask("/v1/invoices", { key: mallory.apiKey, json, headers });
    expect(his.status).toBe(201);
    expect(his.body.paymentHash).not.toBe(hers.body.paymentHash);
    const other = await served.ask("/v1/invoices", { key: mallory.apiKey, json: { amountMsat: 6_000 }, headers });
    expect(other.status).toBe(422);
    const again = await served.ask("/v1/invoices", { key: anna.apiKey, json, headers });
    expect(again.body.paymentHash).toBe(hers.body.paymentHash);
    const paid = { bolt11: await invoiceOf(20_000) };
    const first = await served.ask("/v1/withdrawals", { key: anna.ownerKey, json: paid, headers });
    const replayed = await served.ask("/v1/withdrawals", { key: mallory.ownerKey, json: paid, headers });
    expect([first.status, replayed.status]).toEqual([201, 409]);
    expect(replayed.text).not.toContain(first.body.preimage);
  });

  it("without an account, gets no Idempotency-Key: an address is nobody's secret", async () => {
    const json = { amountMsat: 1_000, lightningAddress: served.payees.address("nobody") };
    const { status, body } = await served.ask("/v1/invoices", { json, headers: { "idempotency-key": "1" } });
    expect([status, body.code]).toEqual([401, "KEY_MISSING"]);
  });

  it("who has the key of an app makes invoices and reads, and moves no money", async () => {
    const before = await served.ask("/v1/balance", { key: anna.apiKey });
    const withdrawal = { json: { bolt11: await invoiceOf(1_000) }, headers: { "idempotency-key": newKey() } };
    const address = { lightningAddress: served.payees.address("mallory") };
    const attempts = [
      await served.ask("/v1/withdrawals", { key: anna.apiKey, ...withdrawal }),
      await served.ask("/v1/refunds", { key: anna.apiKey, ...withdrawal }),
      await served.ask("/v1/merchant/address", { method: "PUT", key: anna.apiKey, json: address }),
      await served.ask("/v1/payouts/resume", { method: "POST", key: anna.apiKey }),
    ];
    expect(attempts.map(({ status, body }) => [status, body.code])).toEqual(Array(4).fill([401, "KEY_WRONG"]));
    expect(attempts[0]?.body.detail).toContain("needs the owner key");
    expect((await served.ask("/v1/balance", { key: anna.apiKey })).body).toEqual(before.body);
    expect((await served.ask("/v1/merchant", { key: anna.apiKey })).body.nextAddress).toBeNull();
  });

  it("cannot guess a key by the time it takes: it is found by its hash, and a near miss is any miss", async () => {
    const asked: unknown[] = [];
    const { query } = served.database;
    served.database.query = (text: string, values?: readonly unknown[]) => {
      if (/from managed\.merchants where key_hash/.test(text)) asked.push(values?.[0]);
      return query(text, values);
    };
    try {
      const near = `${anna.apiKey.slice(0, -1)}${anna.apiKey.endsWith("A") ? "B" : "A"}`;
      expect((await served.ask("/v1/balance", { key: near })).status).toBe(401);
    } finally {
      served.database.query = query;
    }
    expect(asked).toHaveLength(1);
    expect(Buffer.isBuffer(asked[0]) && asked[0].length).toBe(32);
  });

  it("gets nowhere by tricks with paths", async () => {
    const paths = [
      ...["//v1/balance", "/v1//balance", "/v1/balance/", "/V1/BALANCE", "/v1/%62alance%2f", "/v1/balance%00"],
      ...[
        "/v1/invoices/..%2fbalance",
        "/v1/payouts/..%2f..%2fhealth",
        "/v1/payouts/%",
        "/v1/payouts/%00",
        "/v1/invoices/%E0%A4%A",
      ],
      ...["/.env", "/metrics", "/admin", "/solvency", "/regtest/pay", "/.well-known/lnurlp/anna"],
    ];
    for (const path of paths) {
      const { status } = await served.ask(path, { key: mallory.apiKey });
      expect([400, 404], path).toContain(status);
    }
    expect(served.errors).toEqual([]);
  });

  it("puts no formula into a statement", async () => {
    const eve = await served.signUp("eve");
    for (const description of ['=HYPERLINK("http://evil")', "+1", "-1+2", "@SUM(A1)", "\t=1", "a,b\r\n=1", '"']) {
      const { body } = await served.ask("/v1/invoices", { key: eve.apiKey, json: { amountMsat: 9_000, description } });
      served.node.settle(body.paymentHash);
      await served.ask(`/v1/invoices/${body.paymentHash}`, { key: eve.apiKey });
    }
    const json = { bolt11: await invoiceOf(20_000) };
    await served.ask("/v1/withdrawals", { key: eve.ownerKey, json, headers: { "idempotency-key": "=1+1" } });
    const { text } = await served.ask("/v1/statement.csv", { key: eve.apiKey });
    const cells = text
      .trim()
      .split("\r\n")
      .slice(1)
      .flatMap((line) => line.split(","));
    expect(cells.length).toBe(9 * 14);
    for (const cell of cells)
      expect(cell).toMatch(/^(|-?\d+|[a-z-]+|[0-9a-z]{25}|[0-9a-f]{64}|\d{4}-\d\d-\d\dT[\d:.]+Z)$/);
  });

  it("makes the service ask nobody inside", async () => {
    const strict = await serve({ allowPrivateHosts: false });
    try {
      const inside = [
        ...[
          "anna@127.0.0.1",
          "anna@localhost",
          "anna@[::1]",
          "anna@10.0.0.1",
          "anna@192.168.1.1",
          "anna@169.254.169.254",
        ],
        ...["anna@metadata.google.internal", "anna@0.0.0.0", "anna@2130706433", "anna@0x7f000001", "anna@127.1"],
        ...["anna@[::ffff:127.0.0.1]", "anna@printer.local", "anna@router", strict.payees.address("anna")],
      ];
      for (const lightningAddress of inside) {
        const { status, body } = await strict.ask("/v1/merchants", { json: { lightningAddress } });
        expect([lightningAddress, status, body.code]).toEqual([lightningAddress, 422, "ADDRESS_INVALID"]);
        const ofAddress = await strict.ask("/v1/invoices", { json: { amountMsat: 1_000, lightningAddress } });
        expect(ofAddress.status).toBe(422);
      }
      expect(strict.payees.user("anna").requests).toBe(0);
    } finally {
      await strict.close();
    }
  });

  it("registers an address of another's, and gains nothing: payouts go there, keys are new ones", async () => {
    const copy = await served.signUp("anna");
    expect(copy.merchantId).not.toBe(anna.merchantId);
    expect((await served.ask("/v1/balance", { key: copy.apiKey })).body.availableMsat).toBe(0);
  });
});
