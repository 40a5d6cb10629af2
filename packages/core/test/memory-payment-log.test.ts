import { describePaymentLog } from "@l402/testing";
import { describe, expect, it } from "vitest";
import { createMemoryPaymentLog } from "../src/index.ts";

describePaymentLog(
  { describe, it },
  {
    name: "createMemoryPaymentLog",
    create: () => {
      const log = createMemoryPaymentLog();
      return { log, entries: () => log.payments };
    },
    skip: {
      "keeps quiet or fails with an L402Error, and does not hang, while its backend is down": "It has no backend.",
      "writes again when its backend is back": "It has no backend.",
    },
  },
);

describe("createMemoryPaymentLog", () => {
  it("keeps the latest", () => {
    const log = createMemoryPaymentLog({ limit: 3 });
    for (let i = 0; i < 5; i++) log.record({ paymentHash: `${i}`, amountMsat: i, resource: "", paidAt: new Date() });
    expect(log.payments.map(({ paymentHash }) => paymentHash)).toEqual(["2", "3", "4"]);
  });

  it("keeps when a payment was first redeemed", () => {
    const log = createMemoryPaymentLog();
    const [first, later] = [new Date(1000), new Date(2000)];
    for (const paidAt of [first, later]) log.record({ paymentHash: "a", amountMsat: 1, resource: "", paidAt });
    expect(log.payments.map(({ paidAt }) => paidAt)).toEqual([first]);
  });

  it.each([Number.NaN, 0, -1, "many", null])("refuses to keep %s", (limit) => {
    expect(() => createMemoryPaymentLog({ limit: limit as number })).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining("limit") }),
    );
  });
});
