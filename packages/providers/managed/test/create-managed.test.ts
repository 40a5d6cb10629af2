import { decodeInvoice } from "@l402/core";
import { describeBackend, fakeLightning } from "@l402/testing";
import { describe, expect, it } from "vitest";
import { createManaged } from "../src/index.ts";

// The conformance kit runs against the service itself, in apps/managed/test/managed-provider.test.ts.

const URL = "https://pay.example.com";
const KEY = "l402m_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";
const ORDER = { amountMsat: 21_000, description: "Tea", expiresInSeconds: 600 };
const HASH = "ab".repeat(32);
const lightning = fakeLightning();

interface Sent {
  url: string;
  method: string | undefined;
  headers: Headers;
  json: unknown;
}

/** A service that answers as it is told. */
function service(answer: (sent: Sent) => unknown, status = 200) {
  const sent: Sent[] = [];
  const fetch = async (url: unknown, init: RequestInit = {}) => {
    const { method, headers, body } = init;
    const request = { url: String(url), method, headers: new Headers(headers), json: body && JSON.parse(String(body)) };
    sent.push(request);
    return Response.json(await answer(request), { status });
  };
  return { sent, fetch: fetch as typeof globalThis.fetch };
}

const invoiceOf = async (amountMsat = ORDER.amountMsat) => {
  const { bolt11, paymentHash } = await lightning.provider.createInvoice({ ...ORDER, amountMsat });
  return { bolt11, paymentHash, kind: "sale" };
};

for (const options of [{ apiKey: KEY }, { lightningAddress: "you@example.com" }]) {
  describeBackend(
    { describe, it },
    {
      name: `createManaged with ${Object.keys(options)}`,
      provider: ({ url, timeoutSeconds }) => createManaged({ ...options, url, timeoutSeconds }),
      secrets: [KEY],
    },
  );
}

describe("createManaged", () => {
  it.each<[string, object]>([
    ["lightningAddress or apiKey", {}],
    ["lightningAddress or apiKey", { apiKey: KEY, lightningAddress: "you@example.com" }],
    ["lightningAddress", { lightningAddress: "you" }],
    ["lightningAddress", { lightningAddress: "you@" }],
    ["apiKey", { apiKey: "short" }],
    ["apiKey", { apiKey: `${KEY}\n` }],
    ["direct", { lightningAddress: "you@example.com", direct: true }],
    ["direct", { apiKey: KEY, direct: "yes" }],
    ["compatible", { apiKey: KEY, compatible: true }],
    ["url", { apiKey: KEY, url: undefined }],
    ["url", { apiKey: KEY, url: "http://pay.example.com" }],
    ["url", { apiKey: KEY, url: `https://:${KEY}@pay.example.com` }],
    ["timeoutSeconds", { apiKey: KEY, timeoutSeconds: 0 }],
    ["adress", { adress: "you@example.com" }],
  ])("refuses a wrong %s at once, and shows no key", (name, options) => {
    const act = () => createManaged({ url: URL, ...options });
    expect(act).toThrow(expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining(name) }));
    expect(act).not.toThrow(KEY);
  });

  it("refuses the owner's key, which moves money, and says which one is meant", () => {
    const act = () => createManaged({ url: URL, apiKey: KEY.replace("l402m_", "l402o_") });
    expect(act).toThrow(/^createManaged: apiKey must be the apiKey of the account \(l402m_…\), and not its ownerKey/);
    expect(act).not.toThrow(KEY.slice(6));
  });

  it("has no service of its own: without a url nobody holds anybody's money", () => {
    expect(() => createManaged({ apiKey: KEY } as never)).toThrow("url");
  });

  it("orders with the key in a header, or with the address in the body, and asks once", async () => {
    const { fetch, sent } = service(() => invoiceOf());
    await createManaged({ url: URL, apiKey: KEY, fetch }).createInvoice(ORDER);
    await createManaged({ url: `${URL}/base/`, lightningAddress: "you@example.com", fetch }).createInvoice(ORDER);
    expect(sent.map(({ method, url, json }) => ({ method, url, json }))).toEqual([
      { method: "POST", url: `${URL}/v1/invoices`, json: ORDER },
      { method: "POST", url: `${URL}/base/v1/invoices`, json: { ...ORDER, lightningAddress: "you@example.com" } },
    ]);
    expect(sent.map(({ headers }) => headers.get("authorization"))).toEqual([`Bearer ${KEY}`, null]);
  });

  it.each<[string, () => Promise<object>]>([
    ["for another amount", () => invoiceOf(2_000)],
    ["of another hash", async () => ({ ...(await invoiceOf()), paymentHash: HASH })],
    ["that is none", async () => ({ ...(await invoiceOf()), bolt11: "lnbc1qqqq" })],
    [
      "without an amount",
      async () => {
        lightning.next("createInvoice", "amountless");
        return invoiceOf();
      },
    ],
    ["of no kind", async () => ({ ...(await invoiceOf()), kind: undefined })],
  ])("refuses an invoice %s", async (_, answer) => {
    const { fetch } = service(answer);
    const refused = createManaged({ url: URL, apiKey: KEY, fetch }).createInvoice(ORDER);
    await expect(refused).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });

  it("refuses an invoice of the other mode, whose preimage may be known before it is paid", async () => {
    for (const [direct, kind] of [
      [false, "direct"],
      [true, "sale"],
    ] as const) {
      const { fetch } = service(async () => ({ ...(await invoiceOf()), kind }));
      const provider = createManaged({ url: URL, apiKey: KEY, direct, fetch });
      expect(provider.preimageProvesPayment).toBe(!direct);
      await expect(provider.createInvoice(ORDER)).rejects.toMatchObject({
        code: "PROVIDER_REJECTED",
        hint: `Set createManaged's direct to ${!direct}, or register an account in that mode.`,
      });
    }
  });

  it.each(["open", "expired", "canceled"] as const)("reports an invoice as %s", async (status) => {
    const { fetch } = service(() => ({ paymentHash: HASH, status, settledAt: null }));
    expect(await createManaged({ url: URL, apiKey: KEY, fetch }).lookupInvoice({ paymentHash: HASH })).toEqual({
      status,
    });
  });

  it("reports when it was paid, or nothing", async () => {
    const settledAt = "2026-01-01T00:00:00.000Z";
    const answers: unknown[] = [settledAt, null, "yesterday", 7];
    const { fetch } = service(() => ({ paymentHash: HASH, status: "settled", settledAt: answers.shift() }));
    const provider = createManaged({ url: URL, apiKey: KEY, fetch });
    const look = () => provider.lookupInvoice({ paymentHash: HASH });
    expect(await look()).toEqual({ status: "settled", settledAt: new Date(settledAt) });
    for (let i = 0; i < 3; i++) expect(await look()).toEqual({ status: "settled" });
  });

  it("reports what arrived, where the service says so", async () => {
    const answers: unknown[] = [42_000, 0, null, "much"];
    const { fetch } = service(() => ({ paymentHash: HASH, status: "settled", receivedMsat: answers.shift() }));
    const provider = createManaged({ url: URL, apiKey: KEY, fetch });
    const look = () => provider.lookupInvoice({ paymentHash: HASH });
    expect(await look()).toEqual({ status: "settled", receivedMsat: 42_000 });
    expect(await look()).toEqual({ status: "settled", receivedMsat: 0 });
    for (let i = 0; i < 2; i++) expect(await look()).toEqual({ status: "settled" });
  });

  it.each<[string, object]>([
    ["the state of another invoice", { paymentHash: "cd".repeat(32), status: "settled" }],
    ["a word that it does not know", { paymentHash: HASH, status: "paid" }],
    ["a number", { paymentHash: HASH, status: 1 }],
  ])("does not take %s for an answer", async (_, answer) => {
    const { fetch } = service(() => answer);
    const refused = createManaged({ url: URL, apiKey: KEY, fetch }).lookupInvoice({ paymentHash: HASH });
    await expect(refused).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });

  it("asks for nothing that is no payment hash", async () => {
    const { fetch, sent } = service(() => ({}));
    const provider = createManaged({ url: URL, apiKey: KEY, fetch });
    for (const paymentHash of ["../balance", "", HASH.toUpperCase()]) {
      await expect(provider.lookupInvoice({ paymentHash })).rejects.toMatchObject({ code: "PROVIDER_REJECTED" });
    }
    expect(sent).toEqual([]);
  });

  it.each([
    [422, "ADDRESS_INVALID", "PROVIDER_REJECTED", /lightningAddress/],
    [422, "AMOUNT_INVALID", "PROVIDER_REJECTED", /price/],
    [409, "BALANCE_CAP", "PROVIDER_REJECTED", /withdraw/],
    [409, "BILL_DUE", "PROVIDER_REJECTED", /bill/],
    [404, "NOT_FOUND", "PROVIDER_REJECTED", /no such invoice/],
    [503, "INVOICES_STOPPED", "PROVIDER_UNREACHABLE", /another provider/],
    [503, "NODE_UNAVAILABLE", "PROVIDER_UNREACHABLE", /node/],
    [401, "KEY_WRONG", "PROVIDER_UNAUTHORIZED", /key/],
    [429, "TOO_MANY_REQUESTS", "PROVIDER_RATE_LIMITED", /./],
    [500, "constructor", "PROVIDER_BAD_RESPONSE", /./],
  ])("says what the service means by %s %s", async (status, code, expected, hint) => {
    const { fetch } = service(() => ({ code, detail: `your key ${KEY}` }), status);
    const error = await createManaged({ url: URL, apiKey: KEY, fetch })
      .createInvoice(ORDER)
      .catch((reason) => reason);
    expect(error).toMatchObject({ code: expected, hint: expect.stringMatching(hint), fundsMoved: "no" });
    expect(`${error.message} ${error.hint} ${JSON.stringify(error)}`).not.toContain(KEY);
  });

  it("gives up before a paywall does", async () => {
    const fetch = () => new Promise<Response>(() => {});
    const began = performance.now();
    const refused = createManaged({ url: URL, apiKey: KEY, fetch }).createInvoice(ORDER);
    await expect(refused).rejects.toMatchObject({ code: "PROVIDER_TIMEOUT" });
    expect(performance.now() - began).toBeLessThan(2_900);
  });
});

describe("createManaged in the compatible way", () => {
  it("sends what such services know, and takes what they answer", async () => {
    const { bolt11, paymentHash } = await invoiceOf();
    const { fetch, sent } = service(() => ({ paymentRequest: bolt11, paymentHash, macaroon: "eyJ..." }));
    const provider = createManaged({ url: URL, lightningAddress: "you@example.com", compatible: true, fetch });
    expect(await provider.createInvoice(ORDER)).toMatchObject({ bolt11, paymentHash, amountMsat: 21_000 });
    expect(decodeInvoice(bolt11).amountMsat).toBe(21_000n);
    expect(sent).toMatchObject([
      { method: "POST", url: `${URL}/api/invoice`, json: { amountSats: 21, ownerAddress: "you@example.com" } },
    ]);
    await expect(provider.lookupInvoice({ paymentHash })).rejects.toMatchObject({ code: "PROVIDER_REJECTED" });
  });
});
