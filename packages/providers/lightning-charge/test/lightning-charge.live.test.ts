import { decodeInvoice } from "@l402/core";
import { describe, expect, it } from "vitest";
import { createLightningCharge } from "../src/index.ts";

const { LIGHTNING_CHARGE_URL: url = "", LIGHTNING_CHARGE_API_TOKEN: apiToken = "" } = process.env;
const isThere = url !== "" && apiToken !== "";

describe.skipIf(!isThere)("a real Lightning Charge (set LIGHTNING_CHARGE_URL and LIGHTNING_CHARGE_API_TOKEN)", () => {
  it("creates an invoice, looks it up, and rejects one that it does not know", async () => {
    const provider = createLightningCharge({ url, apiToken });
    const invoice = await provider.createInvoice({ amountMsat: 1_000, description: "test", expiresInSeconds: 600 });
    expect(decodeInvoice(invoice.bolt11)).toMatchObject({ amountMsat: 1_000n, paymentHash: invoice.paymentHash });
    expect(await provider.lookupInvoice(invoice)).toEqual({ status: "open" });
    const unknown = provider.lookupInvoice({ paymentHash: "ab".repeat(32), providerRef: "nothing" });
    await expect(unknown).rejects.toMatchObject({ code: "PROVIDER_REJECTED" });
  });
});
