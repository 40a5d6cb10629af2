import { fakeLightning } from "@l402/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

describe("createService", () => {
  it("takes no node that shows preimages before they are paid", () => {
    const { provider } = fakeLightning({ preimageProvesPayment: false });
    expect(() => world.another({ provider })).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining("provider") }),
    );
  });

  it.each([
    ["payoutThresholdMsat", -1],
    ["payoutIntervalSeconds", 0.5],
    ["balanceCapMsat", Number.NaN],
    ["maxInvoiceMsat", Number.POSITIVE_INFINITY],
  ])("takes no %s of %d", (name, value) => {
    expect(() => world.another({ [name]: value })).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining(name) }),
    );
  });
});

describe("a service that was started", () => {
  it("credits, pays out and changes addresses by itself, and leaves nothing under way when it is stopped", async () => {
    const service = world.another({ addressHoldSeconds: 0 });
    const { merchant, ownerKey } = await world.register("before");
    const row = await service.invoices.create(merchant, {
      amountMsat: 2_000_000,
      description: "",
      expiresInSeconds: 600,
    });
    world.node.settle(row.payment_hash);
    const owner = await service.merchants.byOwnerKey(ownerKey);
    await service.merchants.changeAddress(owner, world.payees.address("after"));
    world.clock.advanceSeconds(3);
    const stop = service.start();
    const isDone = async () => (await service.payouts.list(null))[0]?.status === "paid";
    while (!(await isDone())) await new Promise((resolve) => setTimeout(resolve, 20));
    await stop();
    expect(await service.merchants.byId(merchant.id)).toMatchObject({
      lightning_address: world.payees.address("after"),
    });
    world.clock.advanceSeconds(7_200);
    const calls = { ...world.node.calls };
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(world.node.calls).toEqual(calls);
  });

  it("tells of a failure once, goes on, and credits while an address keeps payouts waiting", async () => {
    const alarms: string[] = [];
    let isBroken = true;
    const service = world.another({
      onAlarm: (text) => alarms.push(text),
      nodeBalanceMsat: () => (isBroken ? Promise.reject(new Error("no connection")) : world.nodeBalanceMsat()),
    });
    const { merchant } = await world.register();
    await world.sell(merchant, 3_000_000);
    const row = await service.invoices.create(merchant, { amountMsat: 1_000, description: "", expiresInSeconds: 600 });
    world.node.settle(row.payment_hash);
    world.clock.advanceSeconds(3);
    const paid = world.outside.calls.payInvoice;
    const stop = service.start();
    const until = async (holds: () => Promise<boolean>) => {
      while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    await until(async () => (await service.invoices.find(row.payment_hash))?.status === "settled");
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(alarms).toEqual([expect.stringContaining("no connection")]);
    expect(world.outside.calls.payInvoice).toBe(paid);
    isBroken = false;
    await until(async () => world.outside.calls.payInvoice > paid);
    await stop();
  });
});
