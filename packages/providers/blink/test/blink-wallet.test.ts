import { describeBackend, describeWallet } from "@l402/testing";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { createBlinkWallet } from "../src/index.ts";
import { apiKey, fakeBlink } from "./fake-blink.ts";

const blink = await fakeBlink();
const { options, state, lightning, clock, transactions } = blink;
const initialBalance = lightning.balanceMsat;
afterAll(blink.close);
afterEach(() => {
  lightning.heal();
  vi.useRealTimers();
  Object.assign(state, { trap: undefined, scopes: ["READ", "WRITE"], intraledger: false, requests: [] });
});

const newInvoice = async (amountMsat = 21_000) =>
  lightning.provider.createInvoice({ amountMsat, description: "for a test", expiresInSeconds: 600 });

describeWallet(
  { describe, it },
  {
    name: "Blink",
    create: () => createBlinkWallet(options),
    invoice: async ({ amountMsat }) => (await newInvoice(amountMsat)).bolt11,
    expiredInvoice: async () => {
      const { bolt11, expiresAt } = await newInvoice();
      clock.set(expiresAt);
      return bolt11;
    },
    amountlessInvoice: async () => {
      lightning.next("createInvoice", "amountless");
      return (await newInvoice()).bolt11;
    },
    // Blink's reserve is what it costs, at least.
    costlyInvoice: async () => ({ bolt11: (await newInvoice()).bolt11, feeMsat: blink.feeMsat }),
    spentMsat: () => initialBalance - lightning.balanceMsat,
    loseNextAnswer: blink.loseNextAnswer,
    delayNextOrder: blink.delayNextOrder,
    breakBackend: blink.breakBackend,
    hangBackend: blink.hangBackend,
    secrets: [apiKey],
  },
);

describeBackend(
  { describe, it },
  {
    name: "Blink",
    wallet: ({ url, timeoutSeconds }) => createBlinkWallet({ ...options, url, timeoutSeconds }),
    secrets: [apiKey],
  },
);

const wallet = createBlinkWallet(options);
const pay = (bolt11: string, changes = {}) => wallet.payInvoice({ bolt11, maxFeeMsat: 50_000, ...changes });

describe("createBlinkWallet", () => {
  it("is content with the scopes READ and WRITE, and pays with one request", async () => {
    const { bolt11, paymentHash } = await newInvoice();
    expect(await pay(bolt11)).toMatchObject({ status: "paid", feeMsat: blink.feeMsat });
    expect(state.requests).toHaveLength(1);
    expect(await wallet.lookupPayment(paymentHash)).toMatchObject({ status: "paid", feeMsat: blink.feeMsat });
    expect(state.requests).toHaveLength(2);
  });

  it.each([(bolt11: string) => `LIGHTNING:${bolt11.toUpperCase()}`, (bolt11: string) => ` ${bolt11}\n`])(
    "pays what a QR code or a copied text holds",
    async (formOf) => {
      expect(await pay(formOf((await newInvoice()).bolt11))).toMatchObject({ status: "paid" });
    },
  );

  it("says unknown of a payment under way, also where another process has sent it", async () => {
    lightning.next("payInvoice", "unknown-stuck");
    const { bolt11, paymentHash } = await newInvoice();
    expect((await pay(bolt11)).status).toBe("unknown");
    const restarted = createBlinkWallet(options);
    expect((await restarted.lookupPayment(paymentHash)).status).toBe("unknown");
    lightning.cancel(paymentHash);
    expect((await restarted.lookupPayment(paymentHash)).status).toBe("failed");
  });

  it("finds the preimage of a payment that Blink settled without Lightning", async () => {
    state.intraledger = true;
    const { bolt11, paymentHash } = await newInvoice();
    const paid = await pay(bolt11);
    expect(paid).toMatchObject({ status: "paid", preimage: lightning.settle(paymentHash) });
    expect(await wallet.lookupPayment(paymentHash)).toEqual(paid);
  });

  it.each([
    [1_000, 10_000],
    [2_000_000, 10_000],
    [2_001_000, 11_000],
    [100_000_000, 500_000],
    [1_500, 10_500],
  ])("reserves 0.5 %% and at least 10 sats: for %i msat, %i", (amountMsat, reserve) => {
    expect(wallet.feeReserveMsat(amountMsat)).toBe(reserve);
  });

  it("sends nothing that may cost more than maxFeeMsat", async () => {
    const { bolt11, paymentHash } = await newInvoice();
    expect(await pay(bolt11, { maxFeeMsat: 9_999 })).toMatchObject({
      status: "failed",
      reason: expect.stringContaining("10000 msat"),
    });
    expect(state.requests.map(({ query }) => query)).toEqual([expect.stringContaining("query LookUpPayments")]);
    expect((await wallet.lookupPayment(paymentHash)).status).toBe("not-found");
  });

  it("finds what was paid before with a higher limit", async () => {
    const { bolt11 } = await newInvoice();
    const paid = await pay(bolt11);
    expect(paid.status).toBe("paid");
    expect(await pay(bolt11, { maxFeeMsat: 0 })).toEqual(paid);
  });

  it.each([
    ["an empty text", ""],
    ["null", null],
    ["zeros", "0".repeat(64)],
    ["another one", "ab".repeat(32)],
  ])("does not call a payment paid whose preimage is %s", async (_, preImage) => {
    const { bolt11, paymentHash } = await newInvoice();
    await pay(bolt11);
    const [payment] = transactions.get(paymentHash) ?? [];
    Object.assign(payment ?? {}, { preImage });
    expect((await wallet.lookupPayment(paymentHash)).status).toBe("unknown");
    expect((await pay(bolt11)).status).toBe("unknown");
  });

  it("gives every payment a key of its own, so that nobody in between can send it twice", async () => {
    const replayed: number[] = [];
    const twice: typeof fetch = async (input, init) => {
      const answer = await fetch(input, init);
      const again = await fetch(input, init);
      if (String(init?.body).includes("lnInvoicePaymentSend")) replayed.push(again.status);
      return answer;
    };
    const before = state.idempotencyKeys.size;
    for (let i = 0; i < 2; i++) {
      const { bolt11 } = await newInvoice();
      const paid = await createBlinkWallet({ ...options, fetch: twice }).payInvoice({ bolt11, maxFeeMsat: 50_000 });
      expect(paid.status).toBe("paid");
    }
    expect([replayed, state.idempotencyKeys.size - before]).toEqual([[409, 409], 2]);
  });

  it("does not know what became of a payment that Blink calls a duplicate", async () => {
    const duplicate = { ...options, fetch: async () => Response.json({ error: "Duplicate request" }, { status: 409 }) };
    const { bolt11 } = await newInvoice();
    const result = await createBlinkWallet(duplicate).payInvoice({ bolt11, maxFeeMsat: 50_000 });
    expect(result.status).toBe("unknown");
  });

  it("reads the answer ALREADY_PAID out of Blink's books", async () => {
    const { bolt11 } = await newInvoice();
    const paid = await pay(bolt11);
    expect(await pay(bolt11)).toEqual(paid);
  });

  it("does not know a payment under way, and knows it when it arrived", async () => {
    lightning.next("payInvoice", "unknown-stuck");
    const { bolt11, paymentHash } = await newInvoice();
    expect((await pay(bolt11)).status).toBe("unknown");
    // Blink calls that INVALID_INPUT.
    expect((await pay(bolt11)).status).toBe("unknown");
    expect((await wallet.lookupPayment(paymentHash)).status).toBe("unknown");
    const preimage = lightning.settle(paymentHash);
    expect(await wallet.lookupPayment(paymentHash)).toMatchObject({ status: "paid", preimage });
  });

  it("finds a payment that went through although Blink answers FAILURE", async () => {
    const { bolt11, paymentHash } = await newInvoice();
    state.trap = (body) =>
      "lnInvoicePaymentSend" in (body as { data: object }).data
        ? { data: { lnInvoicePaymentSend: { status: "FAILURE", errors: [{ code: "DB_ERROR" }], transaction: null } } }
        : body;
    expect(await pay(bolt11)).toMatchObject({ status: "paid", preimage: lightning.settle(paymentHash) });
  });

  it("takes what comes back of a failed payment for no payment", async () => {
    lightning.next("payInvoice", "failed");
    const { bolt11, paymentHash } = await newInvoice();
    expect((await pay(bolt11)).status).toBe("failed");
    expect(transactions.get(paymentHash)?.map(({ direction }) => direction)).toContain("RECEIVE");
    expect((await wallet.lookupPayment(paymentHash)).status).toBe("failed");
    expect((await pay(bolt11)).status).toBe("paid");
  });

  const ENDED = [
    ...["INSUFFICIENT_BALANCE", "CANT_PAY_SELF", "TRANSACTION_RESTRICTED", "INVOICE_DECODE_ERROR"],
    ...["ROUTE_FINDING_ERROR", "LIGHTNING_PAYMENT_ERROR", "INVALID_INPUT", "NOT_FOUND", "OPERATION_RESTRICTED"],
    ...["LND_OFFLINE", "DEALER_ERROR", "DEALER_OFFLINE", "PRICE_SERVICE_OFFLINE"],
  ].map((code) => ["failed", code]);
  it.each<(string | undefined)[]>([
    ...ENDED,
    ["unknown", "UNEXPECTED_CLIENT_ERROR"],
    ["unknown", "SOMETHING_NEW"],
    ["unknown", undefined],
  ])("says %s of a payment that is refused as %s and not in the books", async (status, code) => {
    const { bolt11 } = await newInvoice();
    state.trap = () => ({
      data: {
        lnInvoicePaymentSend: { status: "FAILURE", errors: [{ code }], transaction: null },
        me: { defaultAccount: { walletById: { transactionsByPaymentHash: [] } } },
      },
    });
    expect((await pay(bolt11)).status).toBe(status);
  });

  it.each([
    ...["NOT_AUTHENTICATED", "UNAUTHENTICATED", "NOT_AUTHORIZED", "FORBIDDEN"],
    ...["GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED", "BAD_USER_INPUT"],
  ])("rejects a payment for which Blink did nothing: %s", async (code) => {
    const { bolt11 } = await newInvoice();
    state.trap = () => ({ data: null, errors: [{ extensions: { code } }] });
    await expect(pay(bolt11)).rejects.toMatchObject({ fundsMoved: "no" });
  });

  it("believes no data beside errors in a form that it does not know", async () => {
    const { bolt11 } = await newInvoice();
    state.trap = (body) => ({ ...(body as object), errors: { code: "SOMETHING_NEW" } });
    expect((await pay(bolt11)).status).toBe("unknown");
  });

  it("does not know what became of a payment whose status in the books is a new one", async () => {
    const { bolt11, paymentHash } = await newInvoice();
    await pay(bolt11);
    state.trap = (body) => JSON.parse(JSON.stringify(body).replaceAll('"SUCCESS"', '"HELD"'));
    expect((await wallet.lookupPayment(paymentHash)).status).toBe("unknown");
  });

  it("does not know what became of a refused payment that it cannot look up", async () => {
    const { bolt11 } = await newInvoice();
    state.trap = (body) =>
      "lnInvoicePaymentSend" in (body as { data: object }).data
        ? { data: { lnInvoicePaymentSend: { status: "FAILURE", errors: [{ code: "INVALID_INPUT" }] } } }
        : { data: null, errors: [{ code: "NOT_AUTHORIZED" }] };
    expect((await pay(bolt11)).status).toBe("unknown");
  });

  it("does not say not-found of what Blink may still be about to begin with", async () => {
    const { bolt11, paymentHash } = await newInvoice();
    state.trap = () => ({ data: null, errors: [{ message: "the gateway gave up", code: "GATEWAY_TIMEOUT" }] });
    expect((await pay(bolt11)).status).toBe("unknown");
    state.trap = undefined;
    transactions.delete(paymentHash);
    expect((await wallet.lookupPayment(paymentHash)).status).toBe("unknown");
    vi.useFakeTimers({ toFake: ["performance"] }).advanceTimersByTime(600_000);
    expect((await wallet.lookupPayment(paymentHash)).status).toBe("not-found");
  });

  it.each([
    ["PENDING", { status: "PENDING", errors: [] }],
    ["a refusal that may be about the same payment", { status: "FAILURE", errors: [{ code: "DB_ERROR" }] }],
  ])("does not say not-found after %s, although the books have nothing yet", async (_, answer) => {
    const { bolt11, paymentHash } = await newInvoice();
    state.trap = () => ({
      data: {
        lnInvoicePaymentSend: { ...answer, transaction: null },
        me: { defaultAccount: { walletById: { transactionsByPaymentHash: [] } } },
      },
    });
    expect((await pay(bolt11)).status).toBe("unknown");
    expect((await wallet.lookupPayment(paymentHash)).status).toBe("unknown");
    vi.useFakeTimers({ toFake: ["performance"] }).advanceTimersByTime(600_000);
    expect((await wallet.lookupPayment(paymentHash)).status).toBe("not-found");
  });

  it("rejects, and remembers no doubt, where the key may not pay", async () => {
    state.scopes = ["READ"];
    const { bolt11, paymentHash } = await newInvoice();
    await expect(pay(bolt11)).rejects.toMatchObject({ code: "PROVIDER_UNAUTHORIZED", fundsMoved: "no" });
    expect((await wallet.lookupPayment(paymentHash)).status).toBe("not-found");
  });

  it("says that the key is nobody's", async () => {
    state.trap = () => ({ data: { me: null } });
    await expect(wallet.lookupPayment("ab".repeat(32))).rejects.toMatchObject({ code: "PROVIDER_UNAUTHORIZED" });
  });

  it("takes the whole reserve for the fee of a dollar wallet", async () => {
    const { bolt11, paymentHash } = await newInvoice();
    await pay(bolt11);
    Object.assign(transactions.get(paymentHash)?.[0] ?? {}, { settlementCurrency: "USD", settlementFee: 1 });
    expect(await wallet.lookupPayment(paymentHash)).toMatchObject({ status: "paid", feeMsat: 10_000 });
  });

  it("counts as a fee what Blink rounds up", async () => {
    const { bolt11 } = await newInvoice(1_500);
    expect(await pay(bolt11)).toMatchObject({ status: "paid", feeMsat: blink.feeMsat + 500 });
  });

  it("refuses options that do not exist", () => {
    expect(() => createBlinkWallet({ ...options, apikey: "x" } as never)).toThrow(/apikey/);
  });
});
