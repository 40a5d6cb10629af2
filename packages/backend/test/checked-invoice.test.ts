import { fakeLightning } from "@l402/testing";
import { describe, expect, it } from "vitest";
import { checkAmount, checkedInvoice, checkPaymentHash } from "../src/index.ts";

const lightning = fakeLightning();
const order = { amountMsat: 21_000, description: "tea", expiresInSeconds: 600 };
const { bolt11, paymentHash, expiresAt } = await lightning.provider.createInvoice(order);

describe("checkedInvoice", () => {
  it("answers what the BOLT11 says", () => {
    const invoice = { bolt11, paymentHash, amountMsat: 21_000, expiresAt };
    expect(checkedInvoice("LND", order, { bolt11 })).toEqual(invoice);
    expect(checkedInvoice("LND", order, { bolt11, paymentHash: paymentHash.toUpperCase() })).toEqual(invoice);
    expect(checkedInvoice("LND", order, { bolt11, providerRef: "7" })).toEqual({ ...invoice, providerRef: "7" });
  });

  it("answers the BOLT11 that was checked, and not the text that it was in", () => {
    const text = `LIGHTNING:${bolt11.toUpperCase()}`;
    expect(checkedInvoice("LND", order, { bolt11: text })).toMatchObject({ bolt11, paymentHash });
  });

  it.each([
    ["for 21000 msat, although 20000 msat were requested", { ...order, amountMsat: 20_000 }, { bolt11 }],
    ["whose payment hash differs from the one returned with it", order, { bolt11, paymentHash: "ab".repeat(32) }],
    ["whose payment hash differs from the one returned with it", order, { bolt11, paymentHash: "" }],
    ["that is not valid BOLT11", order, { bolt11: "lnbc1" }],
  ])("refuses an invoice %s", (what, input, answer) => {
    expect(() => checkedInvoice("LND", input, answer)).toThrow(
      expect.objectContaining({ code: "PROVIDER_BAD_RESPONSE", message: `LND returned an invoice ${what}.` }),
    );
  });

  it("refuses an invoice that leaves the amount to the payer", async () => {
    lightning.next("createInvoice", "amountless");
    const amountless = await lightning.provider.createInvoice(order);
    expect(() => checkedInvoice("LND", order, { bolt11: amountless.bolt11 })).toThrow(
      "LND returned an invoice without an amount, although 21000 msat were requested.",
    );
  });
});

describe("checkAmount", () => {
  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60])("refuses %d msat", (amountMsat) => {
    expect(() => checkAmount("LND", amountMsat)).toThrow(expect.objectContaining({ code: "PROVIDER_REJECTED" }));
  });

  it("refuses fractions of a sat where the backend has none", () => {
    expect(() => checkAmount("Blink", 1_500, "sat")).toThrow(
      "Blink cannot create an invoice for 1500 msat. The amount must be in whole sats",
    );
    expect(() => checkAmount("Blink", 2_000, "sat")).not.toThrow();
    expect(() => checkAmount("LND", 1_500)).not.toThrow();
  });
});

describe("checkPaymentHash", () => {
  it("lets nothing else into an address", () => {
    expect(() => checkPaymentHash("LND", paymentHash)).not.toThrow();
    for (const text of ["", "../../v1/getinfo", paymentHash.toUpperCase(), `${paymentHash}00`, paymentHash.slice(2)]) {
      expect(() => checkPaymentHash("LND", text)).toThrow(expect.objectContaining({ code: "PROVIDER_REJECTED" }));
    }
  });
});
