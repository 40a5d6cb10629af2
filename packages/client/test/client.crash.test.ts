import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createFileClientStore } from "../src/node.ts";
import { startProcess } from "./child-process.ts";
import { startShopServer } from "./shop-server.ts";

/** Kills a buyer, which runs in a separate process, at a certain moment of its purchase. */
async function killWhen(moment: "beforePaying" | "afterPaying" | "beforeServing") {
  const folder = await mkdtemp(join(tmpdir(), "l402-crash-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "client.json");
  const shop = await startShopServer();
  const buyer = startProcess("buying-process.ts", [path, shop.url, "1"]);
  await buyer.next();
  await new Promise<void>((resolve) => {
    shop.interrupt[moment] = async () => {
      delete shop.interrupt[moment];
      await buyer.kill();
      resolve();
      throw new Error("There is nobody any more to answer to.");
    };
    buyer.say("go");
  });
  const journal = JSON.parse(await readFile(path, "utf8"));
  /** The same program after a restart, with the same file. */
  const restarted = shop.client({ store: createFileClientStore({ path }), fetch });
  return { shop, journal, restarted };
}

describe("a buyer that is killed (kill -9)", () => {
  it("between paying and writing that down finds the payment with resume, and does not pay again", async () => {
    const { shop, journal, restarted } = await killWhen("afterPaying");
    const [payment] = shop.lightning.payments;
    const paymentHash = payment?.paymentHash as string;
    expect(payment).toMatchObject({ status: "paid" });
    expect(Object.keys(journal.pending)).toEqual([paymentHash]);
    expect(journal.credentials).toEqual({});

    expect(await restarted.purchases()).toMatchObject([{ status: "unknown", paymentHash }]);
    expect((await restarted.spending()).pendingMsat).toBeGreaterThanOrEqual(10_000);
    expect(await restarted.resume()).toEqual([]);
    expect(await restarted.purchases()).toMatchObject([{ status: "paid", paymentHash, usesLeft: 1 }]);
    const response = await restarted.fetch(shop.url);
    expect(response.status).toBe(200);
    expect(restarted.paymentOf(response)).toMatchObject({ paidNow: false, amountMsat: 10_000 });
    expect(await restarted.spending()).toMatchObject({ totalMsat: 10_000, pendingMsat: 0 });
    expect(shop.lightning.calls.payInvoice).toBe(1);
  });

  it("does not pay again without resume either: a later request for the same finds the payment", async () => {
    const { shop, restarted } = await killWhen("afterPaying");
    const fetching = restarted.fetch(shop.url);
    // Until the clock moves on, the other program may be alive and about to write the payment down.
    await expect.poll(() => shop.lightning.calls.lookupPayment).toBeGreaterThan(0);
    shop.clock.advanceSeconds(200);
    expect((await fetching).status).toBe(200);
    expect(shop.lightning.calls.payInvoice).toBe(1);
    expect(await restarted.spending()).toMatchObject({ totalMsat: 10_000, pendingMsat: 0 });
  });

  it("before the wallet did anything pays that same invoice, and no other", async () => {
    const { shop, restarted } = await killWhen("beforePaying");
    expect(shop.lightning.payments).toEqual([]);
    // The other program may still be alive and about to pay.
    expect(await restarted.resume()).toHaveLength(1);
    shop.clock.advanceSeconds(200);
    expect((await restarted.fetch(shop.url)).status).toBe(200);
    expect(shop.lightning.payments).toHaveLength(1);
    expect(shop.lightning.payments[0]?.paymentHash).toBe(shop.lightning.invoices[0]?.paymentHash);
    expect(await restarted.spending()).toMatchObject({ totalMsat: 10_000, pendingMsat: 0 });
  });

  it("before the wallet did anything gets its budget back when the invoice has expired", async () => {
    const { shop, restarted } = await killWhen("beforePaying");
    expect((await restarted.spending()).pendingMsat).toBeGreaterThanOrEqual(10_000);
    shop.clock.advanceSeconds(3600);
    expect(await restarted.resume()).toEqual([]);
    expect(await restarted.spending()).toMatchObject({ totalMsat: 0, pendingMsat: 0 });
  });

  it("before it got what it paid for gets it later", async () => {
    const { shop, journal, restarted } = await killWhen("beforeServing");
    expect(journal.pending).toEqual({});
    expect(Object.keys(journal.credentials)).toHaveLength(1);
    const fetching = restarted.fetch(shop.url);
    // For ten seconds the credential is held for the program that paid, which may be alive.
    await expect.poll(() => shop.requests.length).toBe(2);
    shop.clock.advanceSeconds(60);
    expect((await fetching).status).toBe(200);
    expect(shop.lightning.payments).toHaveLength(1);
    expect(await restarted.spending()).toMatchObject({ totalMsat: 10_000 });
  });
});
