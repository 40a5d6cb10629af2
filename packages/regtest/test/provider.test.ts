import { decodeInvoice, isL402Error } from "@l402/core";
import { fakeClock } from "@l402/testing";
import { afterAll, describe, expect, it } from "vitest";
import { startRegtest } from "../src/index.ts";
import { invoiceOf, MAX_FEE_MSAT, ORDER, sell } from "./sell.ts";

const clock = fakeClock();
const regtest = await startRegtest({ clock });
const { buyer, seller } = regtest.nodes;
afterAll(regtest.close);

const codeOf = async (answer: Promise<unknown>) => {
  const error = await answer.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return isL402Error(error) ? error.code : error;
};

describe("an invoice", () => {
  it("commits to the hash of a description where that is asked for, and is paid like any other", async () => {
    const order = { amountMsat: 21_000, descriptionHash: "ab".repeat(32), expiresInSeconds: 600 };
    const { bolt11, paymentHash } = await seller.createHashedInvoice(order);
    expect(decodeInvoice(bolt11)).toMatchObject({ descriptionHash: order.descriptionHash, amountMsat: 21_000n });
    expect((await buyer.wallet.payInvoice({ bolt11, maxFeeMsat: MAX_FEE_MSAT })).status).toBe("paid");
    expect((await seller.provider.lookupInvoice({ paymentHash })).status).toBe("settled");
    expect(await codeOf(seller.createHashedInvoice({ ...order, descriptionHash: "ab" }))).toBe("PROVIDER_REJECTED");
  });

  it("is made and expires by the clock", async () => {
    clock.advanceSeconds(86_400);
    const { paymentHash, expiresAt } = await invoiceOf(seller);
    expect(expiresAt).toEqual(new Date(clock().getTime() + 600_000));
    clock.advanceSeconds(599);
    expect(await seller.provider.lookupInvoice({ paymentHash })).toEqual({ status: "open" });
    clock.advanceSeconds(1);
    expect(await seller.provider.lookupInvoice({ paymentHash })).toEqual({ status: "expired" });
  });

  it("says when it was settled", async () => {
    const { bolt11, paymentHash } = await invoiceOf(seller);
    clock.advanceSeconds(60);
    const paid = await buyer.wallet.payInvoice({ bolt11, maxFeeMsat: MAX_FEE_MSAT });
    const preimage = paid.status === "paid" && paid.preimage;
    const state = await seller.provider.lookupInvoice({ paymentHash });
    expect(state).toEqual({ status: "settled", preimage, settledAt: clock() });
  });

  it("stays settled when its time is over", async () => {
    const { bolt11, paymentHash, expiresAt } = await invoiceOf(seller);
    await buyer.wallet.payInvoice({ bolt11, maxFeeMsat: MAX_FEE_MSAT });
    clock.set(expiresAt);
    expect(await seller.provider.lookupInvoice({ paymentHash })).toMatchObject({ status: "settled" });
  });

  it("can be canceled until it is paid", async () => {
    const { bolt11, paymentHash } = await invoiceOf(seller);
    seller.cancelInvoice(paymentHash);
    expect(await seller.provider.lookupInvoice({ paymentHash })).toEqual({ status: "canceled" });
    expect(await buyer.wallet.payInvoice({ bolt11, maxFeeMsat: 0 })).toMatchObject({ status: "failed" });
    const paid = await invoiceOf(seller);
    await buyer.wallet.payInvoice({ bolt11: paid.bolt11, maxFeeMsat: 0 });
    expect(() => seller.cancelInvoice(paid.paymentHash)).toThrow("paid");
    expect(() => seller.cancelInvoice("00".repeat(32))).toThrow("no invoice");
  });

  it("of another node is unknown", async () => {
    const { paymentHash } = await invoiceOf(seller);
    expect(await codeOf(buyer.provider.lookupInvoice({ paymentHash }))).toBe("PROVIDER_REJECTED");
  });

  it.each([
    ["no amount", { amountMsat: 0 }],
    ["half a millisatoshi", { amountMsat: 0.5 }],
    ["no time", { expiresInSeconds: 0 }],
    ["a fraction of a second", { expiresInSeconds: 1.5 }],
    ["more time than there is", { expiresInSeconds: 2 ** 32 }],
    ["a novel for a description", { description: "é".repeat(320) }],
  ])("with %s is refused", async (_, change) => {
    expect(await codeOf(seller.provider.createInvoice({ ...ORDER, ...change }))).toBe("PROVIDER_REJECTED");
  });

  it("may be empty of words", async () => {
    const { bolt11 } = await seller.provider.createInvoice({ ...ORDER, description: "" });
    expect(await buyer.wallet.payInvoice({ bolt11, maxFeeMsat: 0 })).toMatchObject({ status: "paid" });
  });
});

describe("money goes back", () => {
  it("that arrives after the invoice has expired", async () => {
    const { bolt11, paymentHash, expiresAt } = await invoiceOf(seller);
    const result = buyer.wallet.payInvoice({ bolt11, maxFeeMsat: 0 });
    clock.set(expiresAt); // It is on the way.
    expect(await result).toMatchObject({ status: "failed", reason: expect.stringMatching(/sent the payment back/) });
    expect(await seller.provider.lookupInvoice({ paymentHash })).toEqual({ status: "expired" });
  });

  it("that a second payer sends for the same invoice", async () => {
    const crowd = await startRegtest({ nodes: ["alice", "shop", "bob"] });
    const { alice, shop, bob } = crowd.nodes;
    await sell(bob, alice, 50_000_000); // All the money is on the left at first.
    const { bolt11 } = await invoiceOf(shop);
    expect(await alice.wallet.payInvoice({ bolt11, maxFeeMsat: 0 })).toMatchObject({ status: "paid" });
    const before = bob.balance();
    expect(await bob.wallet.payInvoice({ bolt11, maxFeeMsat: 0 })).toMatchObject({ status: "failed" });
    await crowd.idle();
    expect(bob.balance()).toEqual(before);
    crowd.close();
  });
});

it("a closed regtest is unreachable", async () => {
  const closed = await startRegtest();
  const { paymentHash, bolt11 } = await invoiceOf(closed.nodes.seller);
  await sell(closed.nodes.seller, closed.nodes.buyer);
  closed.close();
  closed.close();
  const { provider } = closed.nodes.seller;
  expect(await codeOf(provider.createInvoice(ORDER))).toBe("PROVIDER_UNREACHABLE");
  expect(await codeOf(provider.lookupInvoice({ paymentHash }))).toBe("PROVIDER_UNREACHABLE");
  expect(await closed.nodes.buyer.wallet.payInvoice({ bolt11, maxFeeMsat: 0 })).toMatchObject({ status: "failed" });
});
