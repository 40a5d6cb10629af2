import { randomBytes } from "node:crypto";
import { describeBackend, describeProvider } from "@l402/testing";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { createLnd, createLndWallet } from "../src/index.ts";
import { BUYER_MACAROON, fakeLnd, NOT_UP, SELLER_MACAROON } from "./fake-lnd.ts";

const lnd = await fakeLnd();
const options = { url: lnd.url, macaroon: SELLER_MACAROON };
const provider = createLnd(options);
const order = { amountMsat: 21_000, description: "One cup of tea", expiresInSeconds: 600 };
const secrets = [SELLER_MACAROON, BUYER_MACAROON];

afterAll(lnd.close);
afterEach(() => {
  lnd.state.next = undefined;
  lnd.state.notUp = undefined;
});

describeProvider(
  { describe, it },
  {
    name: "LND",
    network: "regtest",
    create: () => createLnd(options),
    settle: ({ paymentHash }) => lnd.lightning.settle(paymentHash),
    expire: ({ expiresAt }) => lnd.clock.set(expiresAt),
    breakBackend: lnd.breakBackend,
    hangBackend: lnd.hangBackend,
    clock: lnd.clock,
    secrets,
  },
);

describeBackend(
  { describe, it },
  {
    name: "LND",
    provider: (backend) => createLnd({ ...backend, macaroon: SELLER_MACAROON }),
    wallet: (backend) => createLndWallet({ ...backend, macaroon: BUYER_MACAROON }),
    secrets,
  },
);

describe("createLnd", () => {
  it.each([
    ["url", { url: "http://node.example:8080" }],
    ["macaroon", { macaroon: "/home/me/.lnd/invoice.macaroon" }],
    ["macaroon", { macaroon: Buffer.from(SELLER_MACAROON, "hex").toString("base64") }],
    ["macaroon", { macaroon: undefined as never }],
    ["tlsCert", { url: "https://127.0.0.1:8080", tlsCert: "/home/me/.lnd/tls.cert" }],
    ["skipTlsVerify", { url: "https://node.example:8080", skipTlsVerify: true }],
    ["timeoutSeconds", { timeoutSeconds: -1 }],
    ["privateRouteHints", { privateRouteHints: "yes" as never }],
    ['no option "tlsCertificate"', { tlsCertificate: "" } as never],
  ])("refuses a wrong option: %s", (option, wrong) => {
    const create = () => createLnd({ ...options, ...wrong });
    expect(create).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
    expect(create).toThrow(option);
    expect(create).not.toThrow(SELLER_MACAROON);
  });

  it("needs one request for an invoice and one to look it up", async () => {
    const before = lnd.exchanges.length;
    const invoice = await provider.createInvoice(order);
    await provider.lookupInvoice(invoice);
    expect(lnd.exchanges.slice(before).map(({ route }) => route)).toEqual([
      "POST /v1/invoices",
      `GET /v1/invoice/${invoice.paymentHash}`,
    ]);
  });

  it("adds hints to private channels where it is told to", async () => {
    for (const privateRouteHints of [undefined, false, true]) {
      await createLnd({ ...options, privateRouteHints }).createInvoice(order);
      expect(lnd.exchanges.at(-1)?.request).toMatchObject({ private: privateRouteHints ?? false });
    }
  });

  it("keeps the preimage that LND shows before the payment, and tells it afterwards", async () => {
    const paid = await provider.createInvoice(order);
    const preimage = lnd.lightning.settle(paid.paymentHash);
    expect(await provider.lookupInvoice(paid)).toMatchObject({ status: "settled", preimage });
    const invoice = await provider.createInvoice(order);
    for (const state of ["OPEN", "ACCEPTED"]) {
      lnd.state.next = (answer) => ({ ...(answer as object), state });
      expect(await provider.lookupInvoice(invoice)).toEqual({ status: "open" });
      expect(lnd.exchanges.at(-1)?.answers[0]).toHaveProperty("r_preimage", expect.stringMatching(/^.{44}$/));
    }
    lnd.lightning.cancel(invoice.paymentHash);
    expect(await provider.lookupInvoice(invoice)).toEqual({ status: "canceled" });
  });

  it.each([
    ["zeros", Buffer.alloc(32).toString("base64")],
    ["nothing", ""],
    ["null", null],
    ["another one", randomBytes(32).toString("base64")],
    ["no base64", "***"],
  ])("answers a settled invoice without its preimage where LND says %s", async (_, r_preimage) => {
    const invoice = await provider.createInvoice(order);
    lnd.lightning.settle(invoice.paymentHash);
    lnd.state.next = (answer) => ({ ...(answer as object), r_preimage });
    expect(await provider.lookupInvoice(invoice)).toEqual({
      ...{ status: "settled", settledAt: expect.any(Date), receivedMsat: order.amountMsat },
    });
  });

  it("says what arrived where a buyer has paid more than was asked for", async () => {
    const invoice = await provider.createInvoice(order);
    lnd.lightning.settle(invoice.paymentHash, 2 * order.amountMsat);
    expect(await provider.lookupInvoice(invoice)).toMatchObject({ receivedMsat: 2 * order.amountMsat });
  });

  it.each([
    ["an unknown state", { state: "PAID" }],
    ["no state", { state: undefined, settled: true }],
    ["another invoice", { r_hash: randomBytes(32).toString("base64") }],
    ["an error with HTTP 200", { code: 2, message: "x", state: undefined }],
  ])("does not take %s for settled", async (_, wrong) => {
    const invoice = await provider.createInvoice(order);
    lnd.lightning.settle(invoice.paymentHash);
    lnd.state.next = (answer) => ({ ...(answer as object), ...wrong });
    await expect(provider.lookupInvoice(invoice)).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });

  it.each([
    ["the hash of another invoice", { r_hash: randomBytes(32).toString("base64") }],
    ["a hash that is none", { r_hash: "***" }],
    ["no hash", { r_hash: "" }],
    ["no BOLT11", { payment_request: "lnbc1" }],
  ])("refuses an invoice with %s", async (_, wrong) => {
    lnd.state.next = (answer) => ({ ...(answer as object), ...wrong });
    await expect(provider.createInvoice(order)).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });

  it.each([
    ["without permission", createLnd({ ...options, macaroon: BUYER_MACAROON })],
    ["of another node", createLnd({ ...options, macaroon: SELLER_MACAROON.replaceAll("5e", "ab") })],
    ["that has expired", createLnd({ ...options, macaroon: `${SELLER_MACAROON}00` })],
    ["that was cut off", createLnd({ ...options, macaroon: SELLER_MACAROON.slice(0, -20) })],
    ["that is none", createLnd({ ...options, macaroon: "ab".repeat(40) })],
  ])("says that a macaroon %s is refused, which LND answers with 500", async (_, refused) => {
    const ref = { paymentHash: "ab".repeat(32) };
    for (const call of [() => refused.createInvoice(order), () => refused.lookupInvoice(ref)]) {
      await expect(call()).rejects.toMatchObject({ code: "PROVIDER_UNAUTHORIZED", retryable: false });
    }
  });

  it.each(NOT_UP)("says that LND is locked or starting: %s", async (words) => {
    lnd.state.notUp = words;
    await expect(provider.createInvoice(order)).rejects.toMatchObject({
      code: "PROVIDER_UNREACHABLE",
      retryable: true,
      hint: expect.stringContaining("locked"),
    });
  });

  it("tells an invoice that is not there from a path that is not there", async () => {
    const ref = { paymentHash: "ab".repeat(32) };
    await expect(provider.lookupInvoice(ref)).rejects.toMatchObject({ code: "PROVIDER_REJECTED" });
    const elsewhere = createLnd({ ...options, url: `${lnd.url}/lnd` });
    await expect(elsewhere.lookupInvoice(ref)).rejects.toMatchObject({
      code: "PROVIDER_BAD_RESPONSE",
      hint: expect.stringContaining("Check the host and the path of url"),
    });
  });

  it("asks nothing for what is not a payment hash", async () => {
    const before = lnd.exchanges.length;
    for (const paymentHash of ["", "../getinfo", "AB".repeat(32)]) {
      await expect(provider.lookupInvoice({ paymentHash })).rejects.toMatchObject({ code: "PROVIDER_REJECTED" });
    }
    expect(lnd.exchanges).toHaveLength(before);
  });
});
