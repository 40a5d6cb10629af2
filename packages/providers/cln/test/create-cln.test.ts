import { decodeInvoice } from "@l402/core";
import { describeBackend, describeProvider } from "@l402/testing";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { createCln, createClnWallet } from "../src/index.ts";
import { BUYER_RUNE, fakeCln, SELLER_RUNE } from "./fake-cln.ts";

const cln = await fakeCln();
const options = { url: cln.url, rune: SELLER_RUNE };
const provider = createCln(options);
const order = { amountMsat: 21_000, description: "One cup of tea", expiresInSeconds: 600 };
const secrets = [SELLER_RUNE, BUYER_RUNE];

afterAll(cln.close);
afterEach(() => {
  cln.state.next = undefined;
  cln.state.isRateLimited = false;
  cln.state.wrapsErrors = false;
});

describeProvider(
  { describe, it },
  {
    name: "CLN",
    network: "regtest",
    create: () => createCln(options),
    settle: ({ paymentHash }) => cln.lightning.settle(paymentHash),
    expire: ({ expiresAt }) => cln.clock.set(expiresAt),
    breakBackend: cln.breakBackend,
    hangBackend: cln.hangBackend,
    clock: cln.clock,
    secrets,
  },
);

describeBackend(
  { describe, it },
  {
    name: "CLN",
    provider: (backend) => createCln({ ...backend, rune: SELLER_RUNE }),
    wallet: (backend) => createClnWallet({ ...backend, rune: BUYER_RUNE }),
    secrets,
  },
);

describe("createCln", () => {
  it.each([
    ["url", { url: "http://node.example:3010" }],
    ["rune", { rune: "" }],
    ["rune", { rune: "/home/me/rune with spaces which is long enough to be one" }],
    ["tlsCert", { url: "https://127.0.0.1:3010", tlsCert: "ca.pem" }],
    ["skipTlsVerify", { url: "https://node.example:3010", skipTlsVerify: true }],
    ["timeoutSeconds", { timeoutSeconds: 0 }],
    ["privateRouteHints", { privateRouteHints: "yes" as never }],
    ["onWarning", { onWarning: true as never }],
    ['no option "macaroon"', { macaroon: "" } as never],
  ])("refuses a wrong option: %s", (option, wrong) => {
    const create = () => createCln({ ...options, ...wrong });
    expect(create).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
    expect(create).toThrow(option);
    expect(create).not.toThrow(SELLER_RUNE);
  });

  it("needs one request for an invoice and one to look it up", async () => {
    const before = cln.exchanges.length;
    const invoice = await provider.createInvoice(order);
    await provider.lookupInvoice(invoice);
    expect(cln.exchanges.slice(before).map(({ method, status }) => [method, status])).toEqual([
      ["invoice", 201],
      ["listinvoices", 201],
    ]);
  });

  it("gives every invoice a label of its own", async () => {
    for (let i = 0; i < 2; i++) await provider.createInvoice(order);
    const [one, other] = cln.exchanges.slice(-2).map(({ params }) => (params as { label: string }).label);
    expect(one).toMatch(/^l402-[0-9a-f-]{36}$/);
    expect(other).not.toBe(one);
  });

  it("leaves it to the node whether to hint at private channels, unless told", async () => {
    await provider.createInvoice(order);
    expect(cln.exchanges.at(-1)?.params).not.toHaveProperty("exposeprivatechannels");
    for (const privateRouteHints of [true, false]) {
      await createCln({ ...options, privateRouteHints }).createInvoice(order);
      expect(cln.exchanges.at(-1)?.params).toMatchObject({ exposeprivatechannels: privateRouteHints });
    }
  });

  it("passes on that an invoice may be impossible to pay", async () => {
    const warnings: string[] = [];
    const warning_capacity = "there is not enough incoming capacity";
    cln.state.next = (body) => ({ ...(body as object), warning_capacity, warning_private_unused: "x" });
    await createCln({ ...options, onWarning: (warning) => warnings.push(warning) }).createInvoice(order);
    expect(warnings).toEqual(["warning_capacity", "warning_private_unused"]);
  });

  it("writes no letters that Core Lightning does not read", async () => {
    const { bolt11 } = await provider.createInvoice({ ...order, description: 'a\u0000b\u001fc\n"d"\ud800☕' });
    expect(decodeInvoice(bolt11).description).toBe('a b c "d" ☕');
  });

  it.each([
    ["zeros", "0".repeat(64)],
    ["nothing", ""],
    ["null", null],
    ["another one", "ab".repeat(32)],
  ])("answers a settled invoice without its preimage where CLN says %s", async (_, payment_preimage) => {
    const invoice = await provider.createInvoice(order);
    cln.lightning.settle(invoice.paymentHash);
    cln.state.next = (body) => changed(body, { payment_preimage });
    expect(await provider.lookupInvoice(invoice)).toEqual({
      ...{ status: "settled", settledAt: expect.any(Date), receivedMsat: order.amountMsat },
    });
  });

  it("says what arrived where a buyer has paid more than was asked for", async () => {
    const invoice = await provider.createInvoice(order);
    cln.lightning.settle(invoice.paymentHash, 2 * order.amountMsat);
    expect(await provider.lookupInvoice(invoice)).toMatchObject({ receivedMsat: 2 * order.amountMsat });
  });

  it("keeps a preimage that comes before the payment, and tells it afterwards", async () => {
    const invoice = await provider.createInvoice(order);
    cln.state.next = (body) => changed(body, { payment_preimage: "ab".repeat(32) });
    expect(await provider.lookupInvoice(invoice)).toEqual({ status: "open" });
    const preimage = cln.lightning.settle(invoice.paymentHash);
    expect(await provider.lookupInvoice(invoice)).toMatchObject({ status: "settled", preimage });
  });

  it.each([
    ["an unknown status", { status: "settled" }],
    ["no status", { status: undefined }],
    ["another invoice", { payment_hash: "ab".repeat(32) }],
  ])("does not take %s for settled", async (_, wrong) => {
    const invoice = await provider.createInvoice(order);
    cln.lightning.settle(invoice.paymentHash);
    cln.state.next = (body) => changed(body, wrong);
    await expect(provider.lookupInvoice(invoice)).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });

  it("rejects an invoice that is not in the list", async () => {
    const lookup = provider.lookupInvoice({ paymentHash: "ab".repeat(32) });
    await expect(lookup).rejects.toMatchObject({ code: "PROVIDER_REJECTED", retryable: false });
  });

  it.each([
    ["another payment hash", { payment_hash: "ab".repeat(32) }],
    ["no payment hash", { payment_hash: undefined }],
    ["no BOLT11", { bolt11: "lnbc1" }],
  ])("refuses an invoice with %s", async (_, wrong) => {
    cln.state.next = (body) => ({ ...(body as object), ...wrong });
    await expect(provider.createInvoice(order)).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });

  it.each([
    ["does not permit the method", BUYER_RUNE],
    ["is not of this node", "x".repeat(48)],
  ])("explains a rune that %s", async (_, rune) => {
    for (const wrapsErrors of [false, true]) {
      cln.state.wrapsErrors = wrapsErrors;
      await expect(createCln({ ...options, rune }).createInvoice(order)).rejects.toMatchObject({
        code: "PROVIDER_UNAUTHORIZED",
        retryable: false,
        hint: expect.stringContaining("rune"),
      });
    }
  });

  it("tells a rune that was used too often from one that is refused", async () => {
    cln.state.isRateLimited = true;
    await expect(provider.createInvoice(order)).rejects.toMatchObject({
      code: "PROVIDER_RATE_LIMITED",
      retryable: true,
    });
  });

  it("says that the node rejects what it rejects", async () => {
    const tooLong = { ...order, description: "x".repeat(640) };
    await expect(provider.createInvoice(tooLong)).rejects.toMatchObject({ code: "PROVIDER_REJECTED" });
  });

  it("asks nothing for what is not a payment hash", async () => {
    const before = cln.exchanges.length;
    await expect(provider.lookupInvoice({ paymentHash: "" })).rejects.toMatchObject({ code: "PROVIDER_REJECTED" });
    expect(cln.exchanges).toHaveLength(before);
  });
});

/** The one invoice in the answer, with something else in it. */
const changed = (body: unknown, changes: object) => ({
  invoices: (body as { invoices: object[] }).invoices.map((invoice) => ({ ...invoice, ...changes })),
});
