import { decodeInvoice } from "@l402/core";
import { describe, expect, it } from "vitest";
import { createLnurl } from "../src/index.ts";

const { LNURL_ADDRESS: address = "", LNURL_PREIMAGE_PROVES_PAYMENT: trusted } = process.env;

describe.skipIf(!address)("a real Lightning Address (set LNURL_ADDRESS)", () => {
  const provider = () => createLnurl({ address, preimageProvesPayment: trusted === "true" });

  it("creates an invoice, and looks it up where its service has LUD-21", async () => {
    const invoice = await provider().createInvoice({ amountMsat: 1_000, description: "test", expiresInSeconds: 600 });
    const { amountMsat, paymentHash } = decodeInvoice(invoice.bolt11);
    expect({ amountMsat, paymentHash }).toEqual({ amountMsat: 1_000n, paymentHash: invoice.paymentHash });
    const found = provider().lookupInvoice(invoice);
    if (invoice.providerRef === undefined) await expect(found).rejects.toMatchObject({ code: "PROVIDER_REJECTED" });
    else expect(await found).toEqual({ status: "open" });
  });
});
