import { fakeLightning } from "@l402/testing";
import { describe, expect, it } from "vitest";
import { knownPreimage, paidResult } from "../src/index.ts";

const PREIMAGE = "00".repeat(31).concat("07");
const lightning = fakeLightning();
const invoice = await lightning.provider.createInvoice({ amountMsat: 21_000, description: "", expiresInSeconds: 600 });

describe("paidResult", () => {
  it("hands out the preimage of the invoice, in lower case", async () => {
    const preimage = lightning.settle(invoice.paymentHash);
    expect(paidResult("LND", invoice.paymentHash, preimage.toUpperCase(), 3)).toEqual({
      status: "paid",
      preimage,
      feeMsat: 3,
    });
    expect(knownPreimage(preimage.toUpperCase(), invoice.paymentHash)).toEqual({ preimage });
  });

  it.each([["0".repeat(64)], [""], [null], [undefined], ["ab".repeat(32)], [PREIMAGE], [7]])(
    "does not call a payment paid with %j for a preimage, nor hands it out",
    (preimage) => {
      const result = paidResult("LND", invoice.paymentHash, preimage, 3);
      const reason = expect.stringContaining("did not return the preimage");
      expect(result).toEqual({ status: "unknown", reason, withoutPreimage: true });
      expect(knownPreimage(preimage, invoice.paymentHash)).toEqual({});
    },
  );
});
