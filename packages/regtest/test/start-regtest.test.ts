import { isL402Error } from "@l402/core";
import { describe, expect, it, vi } from "vitest";
import { type RegtestOptions, startRegtest } from "../src/index.ts";
import { invoiceOf, sell } from "./sell.ts";

describe("startRegtest", () => {
  it("starts a buyer and a seller with a channel between them", async () => {
    const regtest = await startRegtest();
    const { buyer, seller } = regtest.nodes;
    expect(Object.keys(regtest.nodes)).toEqual(["buyer", "seller"]);
    expect([buyer.name, seller.name]).toEqual(["buyer", "seller"]);
    expect(buyer.nodeId).toMatch(/^0[23][0-9a-f]{64}$/);
    expect(buyer.balance()).toMatchObject({ ownedMsat: 10_000_000_000, inboundMsat: 0 });
    expect(seller.balance()).toMatchObject({ ownedMsat: 0, outboundMsat: 0 });
    expect(seller.balance().inboundMsat).toBe(9_900_000_000);
    regtest.close();
  });

  it("sends the largest payment that a balance names, and no larger one", async () => {
    const regtest = await startRegtest({ channelSats: 50_000 });
    const { buyer, seller } = regtest.nodes;
    const { outboundMsat } = buyer.balance();
    expect(await sell(seller, buyer, outboundMsat + 1)).toMatchObject({ status: "failed" });
    expect(await sell(seller, buyer, outboundMsat)).toMatchObject({ status: "paid" });
    regtest.close();
  });

  it("starts nodes in a line of any length, and each can pay each", async () => {
    const names = ["a", "b", "c", "d", "e"] as const;
    const regtest = await startRegtest({ nodes: names, channelSats: 1_000_000 });
    const { a, b, e } = regtest.nodes;
    expect(await sell(e, a, 100_000_000)).toMatchObject({ status: "paid", feeMsat: 3_000 + 3 * 100 });
    expect(await sell(b, e, 1_000)).toMatchObject({ status: "paid", feeMsat: 2_000 });
    regtest.close();
  });

  it("starts several that know nothing of each other", async () => {
    const [one, other] = await Promise.all([startRegtest(), startRegtest()]);
    expect(one.nodes.seller.nodeId).not.toBe(other.nodes.seller.nodeId);
    const sales = [sell(one.nodes.seller, one.nodes.buyer), sell(other.nodes.seller, other.nodes.buyer)];
    for (const result of await Promise.all(sales)) expect(result).toMatchObject({ status: "paid" });
    expect(await sell(one.nodes.seller, other.nodes.buyer)).toMatchObject({ status: "failed" });
    one.close();
    expect(await sell(other.nodes.seller, other.nodes.buyer)).toMatchObject({ status: "paid" });
    other.close();
  });

  it.each<[string, RegtestOptions]>([
    ["nodes", { nodes: [] }],
    ["nodes", { nodes: ["alone"] }],
    ["nodes", { nodes: ["twin", "twin"] }],
    ["nodes", { nodes: ["", "seller"] }],
    ["channelSats", { channelSats: 19_999 }],
    ["channelSats", { channelSats: 1e6 + 0.5 }],
    ["routingFee.baseMsat", { routingFee: { baseMsat: -1, proportionalMillionths: 0 } }],
    ["nodes", { nodes: "ab" as never }],
    ["nodes", { nodes: null as never }],
    ["nodes", { nodes: ["a", 7 as never] }],
    ["clock", { clock: new Date() as never }],
    ["log", { log: "yes" as never }],
    ["chanelSats", { chanelSats: 1 } as never],
    ["base", { routingFee: { base: 1 } as never }],
    ["routingFee", { routingFee: 5 as never }],
  ])("refuses an option %s that makes no sense", async (name, options) => {
    const error = await startRegtest(options).catch((reason: unknown) => reason);
    expect(isL402Error(error) && error.code).toBe("CONFIG_INVALID");
    expect((error as Error).message).toMatch(new RegExp(`^startRegtest(: |(: routingFee)? has no option ")${name}\\b`));
  });
});

describe("the log", () => {
  it("is silent by default", async () => {
    const spies = (["log", "warn", "error"] as const).map((name) => vi.spyOn(console, name));
    const regtest = await startRegtest();
    await sell(regtest.nodes.seller, regtest.nodes.buyer);
    regtest.close();
    for (const spy of spies) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
  });

  it("tells what the nodes do, and no preimage", async () => {
    const lines: string[] = [];
    const regtest = await startRegtest({ log: (line) => lines.push(line) });
    const { bolt11, paymentHash } = await invoiceOf(regtest.nodes.seller);
    const result = await regtest.nodes.buyer.wallet.payInvoice({ bolt11, maxFeeMsat: 0 });
    await regtest.idle();
    regtest.close();
    const preimage = result.status === "paid" ? result.preimage : expect.fail("not paid");
    expect(lines.some((line) => line.startsWith("buyer ") && line.includes(paymentHash))).toBe(true);
    expect(lines.filter((line) => line.toLowerCase().includes(preimage))).toEqual([]);
  });

  it("may throw without harm", async () => {
    const regtest = await startRegtest({
      log() {
        throw new Error("The disk is full.");
      },
    });
    expect(await sell(regtest.nodes.seller, regtest.nodes.buyer)).toMatchObject({ status: "paid" });
    regtest.close();
  });
});

describe("close", () => {
  it("leaves payments under way unknown", async () => {
    const { nodes, close } = await startRegtest();
    const { buyer, seller } = nodes;
    const hold = seller.hold();
    const { bolt11, paymentHash } = await invoiceOf(seller);
    const result = buyer.wallet.payInvoice({ bolt11, maxFeeMsat: 0 });
    await hold.arrival();
    const never = hold.arrival(2);
    close();
    expect(await result).toMatchObject({ status: "unknown" });
    expect(await buyer.wallet.lookupPayment(paymentHash)).toMatchObject({ status: "unknown" });
    await expect(never).rejects.toThrow("closed");
  });
});
