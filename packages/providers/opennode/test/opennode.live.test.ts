import { decodeInvoice } from "@l402/core";
import { describe, expect, it } from "vitest";
import { createOpennode } from "../src/index.ts";

const { OPENNODE_API_KEY: apiKey = "", OPENNODE_URL: url } = process.env;

describe.skipIf(!apiKey)(
  "a real OpenNode account (set OPENNODE_API_KEY, and OPENNODE_URL for the test network)",
  () => {
    const provider = () => createOpennode({ apiKey, ...(url && { url }) });

    it("creates an invoice and looks it up", async () => {
      const invoice = await provider().createInvoice({ amountMsat: 1_000, description: "test", expiresInSeconds: 600 });
      const { amountMsat, paymentHash } = decodeInvoice(invoice.bolt11);
      expect({ amountMsat, paymentHash }).toEqual({ amountMsat: 1_000n, paymentHash: invoice.paymentHash });
      expect(await provider().lookupInvoice(invoice)).toEqual({ status: "open" });
    });

    it("rejects a charge that it does not know", async () => {
      const ref = { paymentHash: "ab".repeat(32), providerRef: "11111111-2222-4333-8444-555555555555" };
      await expect(provider().lookupInvoice(ref)).rejects.toMatchObject({ code: expect.stringMatching(/^PROVIDER_/) });
    });
  },
);
