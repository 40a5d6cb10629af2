import { describeBackend, describeProvider } from "@l402/testing";
import { afterAll, describe, expect, it } from "vitest";
import { createLightningCharge } from "../src/index.ts";
import { fakeLightningCharge, TOKEN } from "./fake-lightning-charge.ts";

const charge = await fakeLightningCharge();
afterAll(charge.close);

const options = { url: charge.url, apiToken: TOKEN };
const secrets = [TOKEN, btoa(`api-token:${TOKEN}`)];
const ORDER = { amountMsat: 21_500, description: "tea", expiresInSeconds: 600 };

describeProvider(
  { describe, it },
  {
    name: "Lightning Charge",
    network: "regtest",
    create: () => createLightningCharge(options),
    settle: ({ paymentHash }) => charge.lightning.settle(paymentHash),
    expire: ({ expiresAt }) => charge.clock.set(expiresAt),
    breakBackend: charge.breakBackend,
    hangBackend: charge.hangBackend,
    clock: charge.clock,
    secrets,
  },
);

describeBackend(
  { describe, it },
  {
    name: "createLightningCharge",
    provider: ({ url, timeoutSeconds }) => createLightningCharge({ ...options, url, timeoutSeconds }),
    providerRef: () => "KcoQHfHJSx3fVhp3b1Y3h",
    secrets,
  },
);

describe("createLightningCharge", () => {
  const provider = createLightningCharge(options);

  it.each([
    ["url", { url: "" }],
    ["url", { url: "http://charge.example.com" }],
    ["apiToken", { apiToken: "" }],
    ["apiToken", { apiToken: "two words" }],
    ["timeoutSeconds", { timeoutSeconds: 601 }],
    ["apiKey", { apiKey: TOKEN }],
  ])("refuses a wrong %s at once, and names it", (name, wrong) => {
    const message = expect.stringContaining(name);
    const expected = expect.objectContaining({ code: "CONFIG_INVALID", message });
    expect(() => createLightningCharge({ ...options, ...wrong })).toThrow(expected);
  });

  it("creates and looks up with one request each", async () => {
    const before = charge.exchanges.length;
    const invoice = await provider.createInvoice(ORDER);
    await provider.lookupInvoice(invoice);
    const asked = charge.exchanges.slice(before).map(({ method, path, body }) => [`${method} ${path}`, body]);
    expect(asked).toEqual([
      ["POST /invoice", '{"msatoshi":"21500","description":"tea","expiry":600}'],
      [`GET /invoice/${invoice.providerRef}`, ""],
    ]);
  });

  it("says when an invoice was paid, and how much, and never has a preimage", async () => {
    const invoice = await provider.createInvoice(ORDER);
    charge.lightning.settle(invoice.paymentHash, 43_000);
    const settledAt = new Date(Math.floor(charge.clock().getTime() / 1000) * 1000);
    expect(await provider.lookupInvoice(invoice)).toEqual({ status: "settled", settledAt, receivedMsat: 43_000 });
  });

  it("cannot look up by payment hash alone, and says so", async () => {
    const { paymentHash } = await provider.createInvoice(ORDER);
    const error = { code: "PROVIDER_REJECTED", message: expect.stringContaining("providerRef") };
    await expect(provider.lookupInvoice({ paymentHash })).rejects.toMatchObject(error);
  });

  it("does not take the payment of another invoice for that of ours", async () => {
    const [ours, other] = [await provider.createInvoice(ORDER), await provider.createInvoice(ORDER)];
    charge.lightning.settle(other.paymentHash);
    const { paymentHash } = ours;
    const mixed = provider.lookupInvoice({ paymentHash, providerRef: other.providerRef as string });
    await expect(mixed).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });

  it("tells an unknown invoice from a wrong path, and keeps to the path", async () => {
    const ref = { paymentHash: "ab".repeat(32), providerRef: "../invoices" };
    await expect(provider.lookupInvoice(ref)).rejects.toMatchObject({ code: "PROVIDER_REJECTED" });
    expect(charge.exchanges.at(-1)?.path).toBe("/invoice/..%2Finvoices");
    const astray = createLightningCharge({ ...options, url: `${charge.url}/charge` }).createInvoice(ORDER);
    await expect(astray).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });

  it("refuses an invoice for any amount, which 0 would be", async () => {
    await expect(provider.createInvoice({ ...ORDER, amountMsat: 0 })).rejects.toMatchObject({
      code: "PROVIDER_REJECTED",
    });
    charge.lightning.next("createInvoice", "amountless");
    await expect(provider.createInvoice(ORDER)).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });

  it("refuses an invoice of another payment hash than the one that is told, and sends with the fetch it is given", async () => {
    const { bolt11: payreq } = await provider.createInvoice(ORDER);
    const fetch = async () => Response.json({ id: "1", rhash: "ab".repeat(32), payreq }, { status: 201 });
    const mixed = createLightningCharge({ ...options, fetch }).createInvoice(ORDER);
    await expect(mixed).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });

  it("passes a refusal of Core Lightning on (400)", async () => {
    charge.answerNext(400, "LightningError: description too long");
    await expect(provider.createInvoice(ORDER)).rejects.toMatchObject({ code: "PROVIDER_REJECTED", fundsMoved: "no" });
  });

  it.each(["complete", "Paid", ""])("does not take the status %j for paid", async (status) => {
    const invoice = await provider.createInvoice(ORDER);
    charge.answerNext(200, { id: invoice.providerRef, rhash: invoice.paymentHash, status });
    await expect(provider.lookupInvoice(invoice)).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });
});
