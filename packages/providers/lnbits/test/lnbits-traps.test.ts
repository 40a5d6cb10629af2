import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { createLnbits, createLnbitsWallet } from "../src/index.ts";
import { fakeLnbits, keys } from "./fake-lnbits.ts";

const lnbits = await fakeLnbits();
const { lightning, state, rows } = lnbits;
const provider = createLnbits({ url: lnbits.url, invoiceKey: keys.seller.inkey });
const walletOptions = { url: lnbits.url, adminKey: keys.buyer.adminkey };
const wallet = createLnbitsWallet(walletOptions);
afterAll(lnbits.close);
afterEach(() => {
  lightning.heal();
  vi.useRealTimers();
  Object.assign(state, { version: "1.6", trap: undefined, internal: false });
});

const ORDER = { amountMsat: 21_000, description: "One cup of tea", expiresInSeconds: 600 };
const newInvoice = () => lightning.provider.createInvoice(ORDER);
const pay = (bolt11: string) => wallet.payInvoice({ bolt11, maxFeeMsat: 10_000 });
/** Answers something else than LNbits would say now. */
const answering = (method: string, change: (body: Record<string, unknown>) => unknown, status = 200) => {
  state.trap = (asked, body) =>
    asked === method ? { status, body: change(body as Record<string, unknown>) } : undefined;
};

describe("an invoice of LNbits", () => {
  it("hands out no preimage of a preimage before the payment", async () => {
    state.version = "1.5";
    const invoice = await provider.createInvoice(ORDER);
    expect(await provider.lookupInvoice(invoice)).toEqual({ status: "open" });
    expect(JSON.stringify(lnbits.exchanges.at(-1)?.reply)).toContain(rows.at(-1)?.preimage);
    lnbits.settle(invoice.paymentHash);
    expect(await provider.lookupInvoice(invoice)).toEqual({ status: "settled", preimage: rows.at(-1)?.preimage });
  });

  it("is not settled by an outgoing payment with its hash", async () => {
    const { paymentHash, bolt11 } = await provider.createInvoice(ORDER);
    const own = { wallet: "seller" as const, payment_hash: paymentHash, bolt11, fee: 0, preimage: null };
    rows.push({ ...own, amount: -21_000, status: "success" });
    const error = { code: "PROVIDER_REJECTED", hint: expect.stringContaining("different wallets") };
    await expect(provider.lookupInvoice({ paymentHash })).rejects.toMatchObject(error);
  });

  it.each([
    ["paid, with details", { paid: true, preimage: "x", details: {} }, { status: "settled" }],
    ["failed, with details", { paid: false, status: "failed", details: {} }, { status: "expired" }],
    ["not to be looked up at the node, with details", { paid: false, details: {} }, { status: "open" }],
    ["pending, with details", { paid: false, status: "pending", preimage: "x", details: {} }, { status: "open" }],
    ["paid in the node, not yet in the books", { paid: false, status: "success", details: {} }, { status: "open" }],
  ])("is read in the shape: %s", async (_, shape, state) => {
    const invoice = await provider.createInvoice(ORDER);
    answering("GET", ({ details }) => ({ ...shape, details }));
    expect(await provider.lookupInvoice(invoice)).toEqual(state);
  });

  it.each([
    ["paid", { paid: true, preimage: "ab".repeat(32) }],
    ["not paid", { paid: false, preimage: "ab".repeat(32) }],
    ["failed", { paid: false, status: "failed" }],
    ["nothing", { paid: false }],
  ])("is not believed in without its details: %s", async (_, shape) => {
    const invoice = await provider.createInvoice(ORDER);
    answering("GET", () => shape);
    await expect(provider.lookupInvoice(invoice)).rejects.toMatchObject({ code: "PROVIDER_UNAUTHORIZED" });
    await expect(wallet.lookupPayment(invoice.paymentHash)).rejects.toMatchObject({ code: "PROVIDER_UNAUTHORIZED" });
  });

  it("is not settled by another payment, nor by a text", async () => {
    const invoice = await provider.createInvoice(ORDER);
    const other = "cd".repeat(32);
    answering("GET", ({ details }) => ({ paid: true, details: { ...(details as object), payment_hash: other } }));
    await expect(provider.lookupInvoice(invoice)).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
    answering("GET", ({ details }) => ({ paid: "true", details }));
    await expect(provider.lookupInvoice(invoice)).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });

  it.each([
    ["zeros", "0".repeat(64)],
    ["an empty text", ""],
    ["null", null],
    ["another one", "ab".repeat(32)],
  ])("is settled without a preimage where LNbits answers %s", async (_, preimage) => {
    const invoice = await provider.createInvoice(ORDER);
    lnbits.settle(invoice.paymentHash);
    answering("GET", ({ details, ...body }) => ({ ...body, preimage, details: { ...(details as object), preimage } }));
    expect(await provider.lookupInvoice(invoice)).toEqual({ status: "settled" });
  });

  it.each([
    ["of another amount", { bolt11: "other" }],
    ["with another hash", { payment_hash: "ab".repeat(32) }],
    ["without BOLT11", { bolt11: undefined, payment_request: undefined }],
  ] as [string, { bolt11?: string | undefined }][])("is refused %s", async (_, change) => {
    const { bolt11 } = await lightning.provider.createInvoice({ ...ORDER, amountMsat: 22_000 });
    answering("POST", (body) => ({ ...body, ...change, ...(change.bolt11 !== undefined && { bolt11 }) }), 201);
    await expect(provider.createInvoice(ORDER)).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });
});

describe("a payment by LNbits", () => {
  it("is paid when LNbits calls its repetition failed, although it was paid", async () => {
    state.internal = true;
    const { bolt11 } = await newInvoice();
    const paid = await pay(bolt11);
    expect(paid.status).toBe("paid");
    expect(await pay(bolt11)).toEqual(paid);
    expect(lnbits.exchanges.at(-2)?.reply).toMatchObject({ status: 520, body: { status: "failed" } });
  });

  it("is unknown when it is refused and cannot be looked up", async () => {
    const { bolt11 } = await newInvoice();
    state.trap = (method) =>
      method === "POST" ? { status: 520, body: { detail: "…", status: "failed" } } : { status: 500, body: "" };
    expect((await pay(bolt11)).status).toBe("unknown");
  });

  it.each([
    [520, { detail: "Payment failed", status: "failed" }, "failed"],
    [400, { detail: "Daily withdrawal limit of 5 sats reached." }, "failed"],
    [520, { detail: "Payment is still pending.", status: "pending" }, "unknown"],
    [520, { detail: "Payment already paid.", status: "success" }, "unknown"],
    [520, "<!doctype html>Cloudflare: unknown error", "unknown"],
    [500, { detail: "Unexpected error! ID: x" }, "unknown"],
  ])("that HTTP %i %j refuses, and nobody has booked, is %s", async (status, body, outcome) => {
    const { bolt11 } = await newInvoice();
    state.trap = (method) =>
      method === "POST" ? { status, body } : { status: 404, body: { detail: "Payment does not exist." } };
    expect((await pay(bolt11)).status).toBe(outcome);
  });

  it("is not failed by HTTP 400 after it was sent", async () => {
    const { bolt11 } = await newInvoice();
    answering("POST", () => ({ detail: "could not credit the service fee" }), 400);
    expect((await pay(bolt11)).status).toBe("paid");
  });

  it("is unknown while it is under way, and known when it arrived", async () => {
    lightning.next("payInvoice", "unknown-stuck");
    const { bolt11, paymentHash } = await newInvoice();
    expect((await pay(bolt11)).status).toBe("unknown");
    expect((await pay(bolt11)).status).toBe("unknown");
    expect((await wallet.lookupPayment(paymentHash)).status).toBe("unknown");
    const preimage = lightning.settle(paymentHash);
    expect(await wallet.lookupPayment(paymentHash)).toMatchObject({ status: "paid", preimage });
  });

  it.each([
    ["zeros", "0".repeat(64)],
    ["an empty text", ""],
    ["null", null],
    ["another one", "ab".repeat(32)],
  ])("is not called paid with the preimage %s", async (_, preimage) => {
    const { bolt11, paymentHash } = await newInvoice();
    answering("POST", (body) => ({ ...body, preimage }), 201);
    expect((await pay(bolt11)).status).toBe("unknown");
    answering("GET", ({ details, ...body }) => ({ ...body, preimage, details: { ...(details as object), preimage } }));
    expect((await wallet.lookupPayment(paymentHash)).status).toBe("unknown");
  });

  it("is not found only where LNbits itself says so", async () => {
    const { paymentHash } = await newInvoice();
    for (const body of ["", "<h1>Not Found</h1>", { detail: "Not Found" }, { detail: "Wallet not found." }]) {
      state.trap = () => ({ status: 404, body });
      const code = expect.stringMatching(/^PROVIDER_/);
      await expect(wallet.lookupPayment(paymentHash)).rejects.toMatchObject({ code });
    }
    state.trap = undefined;
    expect(await wallet.lookupPayment(paymentHash)).toEqual({ status: "not-found" });
  });

  it("is not found where the same wallet only invoiced it", async () => {
    const { paymentHash } = await provider.createInvoice(ORDER);
    const same = createLnbitsWallet({ ...walletOptions, adminKey: keys.seller.adminkey });
    expect(await same.lookupPayment(paymentHash)).toEqual({ status: "not-found" });
  });

  it("is not called not-found after a refusal that does not end it", async () => {
    const { bolt11, paymentHash } = await newInvoice();
    state.trap = (method) =>
      method === "POST"
        ? { status: 520, body: { detail: "Payment is still pending.", status: "pending" } }
        : { status: 404, body: { detail: "Payment does not exist." } };
    expect((await pay(bolt11)).status).toBe("unknown");
    expect((await wallet.lookupPayment(paymentHash)).status).toBe("unknown");
    vi.useFakeTimers({ toFake: ["performance"] }).advanceTimersByTime(600_000);
    expect((await wallet.lookupPayment(paymentHash)).status).toBe("not-found");
  });

  it("is not another one that LNbits answers about", async () => {
    const { bolt11 } = await newInvoice();
    answering("POST", (body) => ({ ...body, payment_hash: "ab".repeat(32) }), 201);
    expect((await pay(bolt11)).status).toBe("unknown");
  });
});
