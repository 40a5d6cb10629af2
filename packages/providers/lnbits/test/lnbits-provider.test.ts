import { describeBackend, describeProvider } from "@l402/testing";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { createLnbits } from "../src/index.ts";
import { fakeLnbits, keys, type LnbitsVersion } from "./fake-lnbits.ts";

const lnbits = await fakeLnbits();
const { url, state, exchanges } = lnbits;
const invoiceKey = keys.seller.inkey;
const options = { url, invoiceKey };
afterAll(lnbits.close);
afterEach(() => void Object.assign(state, { version: "1.6", trap: undefined }));

for (const version of ["0.12", "1.2", "1.5", "1.6"] satisfies LnbitsVersion[]) {
  describeProvider(
    { describe, it },
    {
      name: `LNbits ${version}`,
      network: "regtest",
      create: () => {
        state.version = version;
        return createLnbits(options);
      },
      settle: ({ paymentHash }) => lnbits.settle(paymentHash),
      expire: (invoice) => lnbits.clock.set(invoice.expiresAt),
      breakBackend: lnbits.breakBackend,
      hangBackend: lnbits.hangBackend,
      clock: lnbits.clock,
      secrets: [invoiceKey],
    },
  );
}

describeBackend(
  { describe, it },
  {
    name: "LNbits",
    provider: ({ url, timeoutSeconds }) => createLnbits({ ...options, url, timeoutSeconds }),
    secrets: [invoiceKey],
  },
);

const ORDER = { amountMsat: 21_000, description: "One cup of tea", expiresInSeconds: 600 };

describe("createLnbits", () => {
  it("does not take a preimage for a proof of payment", () => {
    expect(createLnbits(options).preimageProvesPayment).toBe(false);
  });

  it("creates and looks up with one request each, and the invoice key", async () => {
    const provider = createLnbits(options);
    exchanges.length = 0;
    const invoice = await provider.createInvoice(ORDER);
    await provider.lookupInvoice(invoice);
    expect(exchanges).toMatchObject([
      { method: "POST", path: "/api/v1/payments" },
      { method: "GET", path: `/api/v1/payments/${invoice.paymentHash}` },
    ]);
    expect(JSON.parse(exchanges[0]?.body ?? "")).toEqual({
      out: false,
      unit: "sat",
      amount: 21,
      memo: "One cup of tea",
      expiry: 600,
    });
    for (const { headers } of exchanges) expect(headers["x-api-key"]).toBe(invoiceKey);
  });

  it("says that LNbits does not know the key", async () => {
    const provider = createLnbits({ ...options, invoiceKey: "0".repeat(32) });
    const error = {
      code: "PROVIDER_UNAUTHORIZED",
      retryable: false,
      hint: expect.stringContaining("LNbits has no wallet with this key"),
    };
    await expect(provider.createInvoice(ORDER)).rejects.toMatchObject(error);
  });

  it("says that an invoice is of another wallet than the key's", async () => {
    const { paymentHash } = await createLnbits(options).createInvoice(ORDER);
    const other = createLnbits({ ...options, invoiceKey: keys.buyer.inkey });
    await expect(other.lookupInvoice({ paymentHash })).rejects.toMatchObject({ code: "PROVIDER_REJECTED" });
    const nobody = createLnbits({ ...options, invoiceKey: "0".repeat(32) });
    lnbits.settle(paymentHash);
    await expect(nobody.lookupInvoice({ paymentHash })).rejects.toMatchObject({ code: "PROVIDER_UNAUTHORIZED" });
  });

  it.each([
    ["failed", "PROVIDER_REJECTED", false],
    ["pending", "PROVIDER_UNREACHABLE", true],
  ])("reads HTTP 520 with the status %s as %s", async (status, code, retryable) => {
    state.trap = () => ({ status: 520, body: { detail: "Wallet balance cannot exceed 1 sats.", status } });
    await expect(createLnbits(options).createInvoice(ORDER)).rejects.toMatchObject({
      code,
      retryable,
      fundsMoved: "no",
    });
  });

  it.each([
    ["url", { url: "" }],
    ["url", { url: "http://lnbits.example.com" }],
    ["invoiceKey", { invoiceKey: "" }],
    ["invoiceKey", { invoiceKey: "two words" }],
    ["timeoutSeconds", { timeoutSeconds: 0 }],
    ["tlsCert", { url: "https://127.0.0.1", tlsCert: "/etc/lnbits/cert.pem" }],
    ["apiKey", { apiKey: "x" }],
  ])("refuses an impossible %s", (option, change) => {
    expect(() => createLnbits({ ...options, ...change } as typeof options)).toThrow(option);
  });
});
