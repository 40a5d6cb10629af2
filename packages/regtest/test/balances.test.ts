import { afterAll, describe, expect, it } from "vitest";
import { startRegtest } from "../src/index.ts";
import { invoiceOf, MAX_FEE_MSAT, sell, sumOf } from "./sell.ts";

const routingFee = { baseMsat: 1_000, proportionalMillionths: 250 };
const regtest = await startRegtest({ nodes: ["buyer", "router", "seller"], routingFee });
const { buyer, router, seller } = regtest.nodes;
afterAll(regtest.close);

const feeFor = (amountMsat: number) => 1_000 + Math.floor((amountMsat * 250) / 1_000_000);
const owned = () => [buyer, router, seller].map((node) => node.balance().ownedMsat) as [number, number, number];

describe("the routing fee", () => {
  it.each([1, 1_000, 21_000, 3_999_999, 100_000_000])(
    "of a payment of %i msat is what the router asks",
    async (msat) => {
      const { bolt11 } = await invoiceOf(seller, msat);
      const result = await buyer.wallet.payInvoice({ bolt11, maxFeeMsat: feeFor(msat) });
      expect(result).toMatchObject({ status: "paid", feeMsat: feeFor(msat) });
    },
  );

  it("is never above the limit", async () => {
    const { bolt11, paymentHash } = await invoiceOf(seller, 1_000_000);
    const before = owned();
    for (const maxFeeMsat of [0, 1, feeFor(1_000_000) - 1]) {
      const result = await buyer.wallet.payInvoice({ bolt11, maxFeeMsat });
      expect(result).toEqual({ status: "failed", reason: expect.stringMatching(/no route.*fee limit/) });
    }
    await regtest.idle();
    expect(owned()).toEqual(before);
    expect(await seller.provider.lookupInvoice({ paymentHash })).toEqual({ status: "open" });
  });

  it("is not taken from a neighbour", async () => {
    expect(await sell(router, buyer)).toMatchObject({ status: "paid", feeMsat: 0 });
  });
});

it("200 mixed payments add up to the millisatoshi", async () => {
  await regtest.idle();
  const before = owned();
  const amounts = Array.from(
    { length: 200 },
    (_, i) => [1, 999, 1_000, 353_999, 21_000 + i, 2_500_000][i % 6] as number,
  );
  const queue = [...amounts.entries()];
  const results: { amountMsat: number; feeMsat: number }[] = [];

  async function payer(): Promise<void> {
    for (let next = queue.pop(); next; next = queue.pop()) {
      const [i, amountMsat] = next;
      const { bolt11, paymentHash } = await invoiceOf(seller, amountMsat);
      const isCanceled = i % 10 === 0;
      if (isCanceled) seller.cancelInvoice(paymentHash);
      const result = await buyer.wallet.payInvoice({ bolt11, maxFeeMsat: MAX_FEE_MSAT });
      expect(result.status).toBe(isCanceled ? "failed" : "paid");
      if (result.status === "paid") results.push({ amountMsat, feeMsat: result.feeMsat });
    }
  }
  await Promise.all(Array.from({ length: 40 }, payer));
  await regtest.idle();

  const [spent, earned, received] = owned().map((now, i) => now - (before[i] as number)) as [number, number, number];
  const fees = sumOf(results.map(({ feeMsat }) => feeMsat));
  const sold = sumOf(results.map(({ amountMsat }) => amountMsat));
  expect(results).toHaveLength(180);
  expect({ spent, earned, received }).toEqual({ spent: -(sold + fees), earned: fees, received: sold });
});
