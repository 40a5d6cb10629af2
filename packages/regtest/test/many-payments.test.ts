import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, expect, it } from "vitest";
import { startRegtest } from "../src/index.ts";
import { invoiceOf, MAX_FEE_MSAT, sell } from "./sell.ts";

const regtest = await startRegtest();
const { buyer, seller } = regtest.nodes;
afterAll(regtest.close);

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

async function usedBytes(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    // LDK's objects are freed by finalizers, and those run between tasks.
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return process.memoryUsage().heapUsed;
}

const sellAtOnce = (count: number, amountMsat: number) =>
  Promise.all(Array.from({ length: count }, () => sell(seller, buyer, amountMsat)));

await sell(seller, buyer);
const bytesAtFirst = await usedBytes();

it.each([1_000, 1_000_000])("64 payments of %i msat at once all go through", async (amountMsat) => {
  const results = await sellAtOnce(64, amountMsat);
  expect(results.filter(({ status }) => status === "paid")).toHaveLength(64);
});

it("as many payments can be under way as a channel has room for, and one more fails", async () => {
  await regtest.idle(); // A paid payment still takes its room for a moment.
  const hold = seller.hold();
  const invoices = await Promise.all(Array.from({ length: 484 }, () => invoiceOf(seller, 1_000)));
  const results = invoices.map(({ bolt11 }) => buyer.wallet.payInvoice({ bolt11, maxFeeMsat: MAX_FEE_MSAT }));
  await hold.arrival(483);
  await hold.claim();
  const [last, ...others] = (await Promise.all(results)).reverse();
  expect(others.filter(({ status }) => status === "paid")).toHaveLength(483);
  expect(last).toEqual({ status: "failed", reason: expect.stringMatching(/no room/) });
});

it("a thousand payments, with those before, leave little behind", async () => {
  for (let i = 0; i < 400; i += 50) await sellAtOnce(50, 1_000);
  // Both books keep an entry, up to a limit: bounded-map.test.ts.
  expect(((await usedBytes()) - bytesAtFirst) / 1000).toBeLessThan(3_000);
});
