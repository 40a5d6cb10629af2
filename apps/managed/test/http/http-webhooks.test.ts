import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startSilentServer } from "../silent-server.ts";
import { type Served, serve } from "./served.ts";

let served: Served;
let apiKey: string;
beforeAll(async () => {
  served = await serve();
  ({ apiKey } = await served.signUp());
});
afterAll(() => served.close());

const balance = async () => (await served.ask("/v1/balance", { key: apiKey })).body.availableMsat;
const order = async () =>
  (await served.ask("/v1/invoices", { key: apiKey, json: { amountMsat: 100_000 } })).body.paymentHash;

describe("a webhook", () => {
  it.each([
    ["phoenixd", (hash: string) => JSON.stringify({ type: "payment_received", paymentHash: hash, amountSat: 100 })],
    ["LNbits", (hash: string) => JSON.stringify({ payment_hash: hash, pending: false })],
    [
      "Blink",
      (hash: string) => JSON.stringify({ transaction: { initiationVia: { paymentHash: hash.toUpperCase() } } }),
    ],
    ["a form", (hash: string) => `id=1&hash=${hash}&status=paid`],
  ])("of %s makes the service look, and the payment is credited at once", async (_, bodyOf) => {
    const hash = await order();
    const before = await balance();
    served.node.settle(hash);
    const { status, text } = await served.ask("/webhooks", { body: bodyOf(hash) });
    expect([status, text]).toEqual([202, ""]);
    await vi.waitFor(async () => expect(await balance()).toBe(before + 99_700));
  });

  it("that is forged moves nothing", async () => {
    const hash = await order();
    const before = await balance();
    const body = JSON.stringify({
      paymentHash: hash,
      status: "paid",
      settled: true,
      amount: 1e12,
      preimage: "ab".repeat(32),
    });
    const asked = served.node.calls.lookupInvoice;
    await served.ask("/webhooks", { body });
    await vi.waitFor(() => expect(served.node.calls.lookupInvoice).toBeGreaterThan(asked));
    expect((await served.ask(`/v1/invoices/${hash}`, { key: apiKey })).body.status).toBe("open");
    expect(await balance()).toBe(before);
  });

  it("that comes a hundred times is one payment, in whatever order", async () => {
    const hashes = [await order(), await order()];
    const before = await balance();
    for (const hash of hashes) served.node.settle(hash);
    await Promise.all(
      Array.from({ length: 100 }, (_, i) => served.ask("/webhooks", { body: JSON.stringify({ hash: hashes[i % 2] }) })),
    );
    await vi.waitFor(async () => expect(await balance()).toBe(before + 2 * 99_700));
    for (const body of hashes) await served.ask("/webhooks", { body });
    expect(await balance()).toBe(before + 2 * 99_700);
  });

  it("of strangers, about sales that nobody answers for, do not keep the node's own from being heard", async () => {
    const silent = await startSilentServer();
    served.payees.user("mallory").invoice = (honest) => ({
      ...honest,
      verify: `${silent.url}/${String(honest.verify).slice(-64)}`,
    });
    const { apiKey: key } = await served.signUp("mallory", "direct");
    const sell = () => served.ask("/v1/invoices", { key, json: { amountMsat: 100_000 } });
    const body = (await Promise.all(Array.from({ length: 10 }, sell))).map((sale) => sale.body.paymentHash).join(" ");
    for (let i = 0; i < 100; i++) await served.ask("/webhooks", { body });
    const hash = await order();
    const before = await balance();
    served.node.settle(hash);
    await served.ask("/webhooks", { body: hash });
    await vi.waitFor(async () => expect(await balance()).toBe(before + 99_700));
    expect(silent.asked).toEqual([]);
    silent.close();
  });

  it("with many hashes counts as many, and asks the node fifty times a second at most", async () => {
    const own = await serve({ requestsPerSecond: 50 });
    const { merchant } = await own.register();
    const make = () => own.service.invoices.create(merchant, { amountMsat: 1, description: "", expiresInSeconds: 600 });
    const hashes = (await Promise.all(Array.from({ length: 100 }, make))).map((row) => row.payment_hash);
    const [asked, began] = [own.node.calls.lookupInvoice, performance.now()];
    const statuses: number[] = [];
    for (let i = 0; i < 30; i++) {
      const body = hashes.slice((i % 10) * 10, (i % 10) * 10 + 10).join(" ");
      statuses.push((await own.ask("/webhooks", { body })).status);
    }
    // Two hundred at once.
    expect(statuses).toEqual([...Array(20).fill(202), ...Array(10).fill(429)]);
    await vi.waitFor(() => expect(own.node.calls.lookupInvoice - asked).toBeGreaterThan(10));
    const seconds = (performance.now() - began) / 1_000;
    expect(own.node.calls.lookupInvoice - asked).toBeLessThanOrEqual(50 * seconds + 1);
    await own.close();
  });

  it("about nothing, or about an invoice of nobody, gets the same answer", async () => {
    const bodies = ["", "{}", "not JSON", "f".repeat(64), "0".repeat(65), `${"ab".repeat(32)} `.repeat(900)];
    for (const body of bodies) expect((await served.ask("/webhooks", { body })).status).toBe(202);
    expect(served.errors).toEqual([]);
  });

  it("that nobody sent is not missed: the sweep finds the payment", async () => {
    const hash = await order();
    const before = await balance();
    served.node.settle(hash);
    served.clock.advanceSeconds(5);
    await served.service.tick();
    expect(await balance()).toBe(before + 99_700);
  });
});
