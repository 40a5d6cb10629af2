import { describeBackend, describeProvider } from "@l402/testing";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import * as everything from "../src/index.ts";
import { createOpennode } from "../src/index.ts";
import { apiKey, fakeOpennode } from "./fake-opennode.ts";

const opennode = await fakeOpennode();
const { options, state, lightning, charges, exchanges } = opennode;
afterAll(opennode.close);
afterEach(() => {
  state.trap = undefined;
});

describeProvider(
  { describe, it },
  {
    name: "OpenNode",
    network: "regtest",
    create: () => createOpennode(options),
    settle: (invoice) => lightning.settle(invoice.paymentHash),
    expire: (invoice) => opennode.clock.set(invoice.expiresAt),
    breakBackend: opennode.breakBackend,
    hangBackend: opennode.hangBackend,
    clock: opennode.clock,
    secrets: [apiKey],
  },
);

describeBackend(
  { describe, it },
  {
    name: "OpenNode",
    provider: ({ url, timeoutSeconds }) => createOpennode({ ...options, url, timeoutSeconds }),
    providerRef: () => "11111111-2222-4333-8444-555555555555",
    secrets: [apiKey],
  },
);

const provider = createOpennode(options);
const order = { amountMsat: 21_000, description: "One cup of tea", expiresInSeconds: 600 };
const bad = expect.objectContaining({ code: "PROVIDER_BAD_RESPONSE", fundsMoved: "no" });

async function newCharge() {
  const invoice = await provider.createInvoice(order);
  const charge = charges.get(invoice.providerRef as string);
  if (!charge) throw new Error("The providerRef is no charge of OpenNode.");
  return { invoice, charge };
}

describe("createOpennode", () => {
  it("is all there is: no wallet is exported, because OpenNode never tells a preimage", () => {
    expect(Object.keys(everything).sort()).toEqual(["createOpennode", "verifyOpennodeWebhook"]);
  });

  it("asks once to create and once to look up", async () => {
    const before = exchanges.length;
    await provider.lookupInvoice(await provider.createInvoice(order));
    expect(exchanges).toHaveLength(before + 2);
  });

  it("reads the payment hash out of the invoice, and does not take the charge's id for one", async () => {
    const { invoice, charge } = await newCharge();
    expect(invoice.paymentHash).toBe(charge.paymentHash);
    expect(invoice.providerRef).toBe(charge.id);
  });

  it("asks OpenNode unless it is told otherwise", async () => {
    const asked: string[] = [];
    const fetch = async (url: unknown) => {
      asked.push(String(url));
      return Response.json({});
    };
    await expect(createOpennode({ apiKey, fetch }).createInvoice(order)).rejects.toThrow();
    expect(asked).toEqual(["https://api.opennode.com/v1/charges"]);
  });

  it.each([
    [1, 10],
    [601, 11],
    [3_600, 60],
    [7 * 86_400, 1440],
  ])("sends %i s as %i min, which OpenNode takes", async (expiresInSeconds, ttl) => {
    const { providerRef } = await provider.createInvoice({ ...order, expiresInSeconds });
    expect(charges.get(providerRef as string)?.ttl).toBe(ttl);
  });

  it("says so when a charge has no Lightning invoice, as above 5 BTC", async () => {
    state.trap = () => ({ data: { id: "x", lightning_invoice: null } });
    await expect(provider.createInvoice(order)).rejects.toEqual(bad);
  });

  it("refuses an id that no token could carry", async () => {
    state.trap = (body) => ({ data: { ...(body as { data: object }).data, id: "../../v2/withdrawals" } });
    await expect(provider.createInvoice(order)).rejects.toEqual(bad);
  });

  it("does not call a payment on the chain settled: nobody gets a preimage for it", async () => {
    const { invoice, charge } = await newCharge();
    for (const [onChain, status] of [
      ["processing", "open"],
      ["underpaid", "open"],
      ["paid", "canceled"],
      ["refunded", "canceled"],
    ] as const) {
      charge.onChain = onChain;
      expect(await provider.lookupInvoice(invoice)).toEqual({ status });
    }
  });

  it("does not guess how a charge was paid", async () => {
    const { invoice, charge } = await newCharge();
    const { payreq } = charge;
    for (const lightning_invoice of [{ payreq }, { payreq, settled_at: null }, { payreq, settled_at: 0 }]) {
      state.trap = () => ({ data: { id: charge.id, status: "paid", lightning_invoice, chain_invoice: null } });
      await expect(provider.lookupInvoice(invoice)).rejects.toEqual(bad);
    }
  });

  it("does not know a status that is not documented", async () => {
    const { invoice, charge } = await newCharge();
    state.trap = () => ({ data: { status: "hodl", lightning_invoice: { payreq: charge.payreq } } });
    await expect(provider.lookupInvoice(invoice)).rejects.toEqual(bad);
  });

  it("does not take the charge of another invoice for this one", async () => {
    const [mine, paid] = [await newCharge(), await newCharge()];
    lightning.settle(paid.invoice.paymentHash);
    const { paymentHash } = mine.invoice;
    const ref = { paymentHash, providerRef: paid.charge.id };
    await expect(provider.lookupInvoice(ref)).rejects.toEqual(bad);
  });

  it("never has a preimage, even if OpenNode began to show one", async () => {
    const { invoice } = await newCharge();
    const preimage = lightning.settle(invoice.paymentHash);
    state.trap = (body) => ({ data: { ...(body as { data: object }).data, preimage } });
    expect(await provider.lookupInvoice(invoice)).toEqual({ status: "settled", settledAt: expect.any(Date) });
  });

  it.each([undefined, "", "a b", "../charges", "x".repeat(200)])("asks nobody about the reference %j", async (ref) => {
    const { paymentHash } = await provider.createInvoice(order);
    const before = exchanges.length;
    const invoice = { paymentHash, ...(ref !== undefined && { providerRef: ref }) };
    await expect(provider.lookupInvoice(invoice)).rejects.toMatchObject({ code: "PROVIDER_REJECTED" });
    expect(exchanges).toHaveLength(before);
  });

  it("says that there is no such charge, and that a key is wrong", async () => {
    const { paymentHash } = await provider.createInvoice(order);
    const unknown = { paymentHash, providerRef: "11111111-2222-4333-8444-555555555555" };
    await expect(provider.lookupInvoice(unknown)).rejects.toMatchObject({
      code: "PROVIDER_REJECTED",
      retryable: false,
      hint: expect.stringContaining("no charge"),
    });
    // A wrong url says nothing about the charge.
    const website = async () => new Response("<h1>Not here</h1>", { status: 404 });
    await expect(createOpennode({ ...options, fetch: website }).lookupInvoice(unknown)).rejects.toMatchObject({
      hint: expect.not.stringContaining("no charge"),
    });
    for (const wrong of ["another-key", `Bearer_${apiKey}`]) {
      const stranger = createOpennode({ ...options, apiKey: wrong });
      await expect(stranger.createInvoice(order)).rejects.toMatchObject({ code: "PROVIDER_UNAUTHORIZED" });
    }
  });

  it.each([
    ["apiKey", { apiKey: "" }],
    ["apiKey", { apiKey: `Bearer ${apiKey}` }],
    ["url", { url: "http://api.opennode.com" }],
    ["network", { network: "testnet" }],
  ])("refuses a wrong %s at once", (name, wrong) => {
    const create = () => createOpennode({ ...options, ...(wrong as object) });
    expect(create).toThrow(expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining(name) }));
  });

  it("needs no url", () => {
    expect(createOpennode({ apiKey }).name).toBe("opennode");
  });
});
