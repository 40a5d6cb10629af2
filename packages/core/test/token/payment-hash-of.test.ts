import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { macaroonFormat, paymentHashOf } from "../../src/index.ts";
import { openShop, request } from "../shop.ts";

describe("paymentHashOf", () => {
  it.each([
    ["signed JSON", {}],
    ["a macaroon", { tokenFormat: macaroonFormat() }],
  ])("reads it from %s", async (_, options) => {
    const { paywall, lightning } = openShop(options);
    const decision = await paywall.check(request("/a"), { price: 1 });
    const token = decision.outcome === "denied" ? decision.challenge?.token : undefined;
    expect(paymentHashOf(token ?? "")).toBe(lightning.invoices[0]?.paymentHash);
  });

  it("answers undefined for anything else, and never throws", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => paymentHashOf(text) === undefined));
  });
});
