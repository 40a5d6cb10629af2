import { describeWallet } from "@l402/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createAlbyWallet } from "../src/index.ts";
import { fakeAlbyHub } from "./fake-alby-hub.ts";
import { invoiceOf, walletSubject } from "./kit-subjects.ts";

const hub = await fakeAlbyHub();
const { url, relay, state, lightning } = hub;
afterEach(() => void vi.useRealTimers());

const newInvoice = (amountMsat?: number) => invoiceOf(hub, amountMsat);

describeWallet({ describe, it }, walletSubject(hub, "Alby"));

const wallet = createAlbyWallet({ url, timeoutSeconds: 2 });
const pay = (bolt11: string, changes = {}) =>
  wallet.payInvoice({ bolt11, maxFeeMsat: 10_000, timeoutSeconds: 2, ...changes });
const LONGER_THAN_ANY_PAYMENT = 22 * 86_400_000;
/** For payments of which nothing is heard. */
const SHORT = { timeoutSeconds: 0.5 };

describe("createAlbyWallet", () => {
  it("pays and looks up with one request each", async () => {
    const { bolt11, paymentHash } = await newInvoice();
    relay.requests.length = 0;
    const paid = await pay(bolt11);
    expect(paid).toEqual({ status: "paid", preimage: lightning.settle(paymentHash), feeMsat: 10_000 });
    expect(relay.requests).toHaveLength(1);
    expect(await wallet.lookupPayment(paymentHash)).toEqual(paid);
    expect(relay.requests).toHaveLength(2);
  });

  it("does not ask to pay an expired invoice, which may have been paid before", async () => {
    const { bolt11, expiresAt } = await newInvoice();
    vi.useFakeTimers({ toFake: ["Date"], now: expiresAt });
    relay.requests.length = 0;
    expect((await pay(bolt11)).status).toBe("failed");
    // The look-up.
    expect(relay.requests).toHaveLength(1);
  });

  it.each([
    [1_000, 10_000],
    [1_000_000, 10_000],
    [1_000_100, 10_001],
  ])("reserves one percent and at least 10 sats: for %i msat, %i", (amountMsat, reserve) => {
    expect(wallet.feeReserveMsat(amountMsat)).toBe(reserve);
  });

  it("finds what was paid before it expired, or with a higher limit", async () => {
    const { bolt11, expiresAt } = await newInvoice();
    const paid = await pay(bolt11);
    expect(paid.status).toBe("paid");
    expect(await pay(bolt11, { maxFeeMsat: 0 })).toEqual(paid);
    vi.useFakeTimers({ toFake: ["Date"], now: expiresAt });
    expect(await pay(bolt11)).toEqual(paid);
  });

  it("sends nothing that may cost more than maxFeeMsat", async () => {
    const { bolt11, paymentHash } = await newInvoice();
    relay.requests.length = 0;
    const failed = { status: "failed", reason: expect.stringContaining("10000 msat") };
    expect(await pay(bolt11, { maxFeeMsat: 9_999 })).toMatchObject(failed);
    const free = createAlbyWallet({ url, feeReserveMsat: () => Number.NaN });
    expect(await free.payInvoice({ bolt11, maxFeeMsat: 10_000 })).toMatchObject({ status: "failed" });
    expect(relay.requests).toHaveLength(2);
    expect(lightning.payments.map(({ paymentHash }) => paymentHash)).not.toContain(paymentHash);
    const other = createAlbyWallet({ url, feeReserveMsat: () => 500 });
    expect(await other.payInvoice({ bolt11, maxFeeMsat: 500 })).toMatchObject({ status: "paid" });
  });

  it.each(["RATE_LIMITED", "NOT_IMPLEMENTED", "RESTRICTED", "UNAUTHORIZED", "EXPIRED"])(
    "rejects a payment that the wallet does not look at (%s)",
    async (refusal) => {
      const { bolt11, paymentHash } = await newInvoice();
      state.refuse = refusal;
      await expect(pay(bolt11)).rejects.toMatchObject({ code: expect.stringMatching(/^PROVIDER_/), fundsMoved: "no" });
      await expect(wallet.lookupPayment(paymentHash)).rejects.toMatchObject({
        code: expect.stringMatching(/^PROVIDER_/),
      });
      state.refuse = undefined;
      expect(await wallet.lookupPayment(paymentHash)).toEqual({ status: "not-found" });
    },
  );

  it.each([
    ["INSUFFICIENT_BALANCE", "failed"],
    ["QUOTA_EXCEEDED", "failed"],
    ["BAD_REQUEST", "failed"],
    ["PAYMENT_FAILED", "unknown"],
    ["INTERNAL", "unknown"],
    ["SOMETHING_NEW", "unknown"],
  ])("a payment that is refused with %s, and not in the books, is %s", async (refusal, status) => {
    const { bolt11 } = await newInvoice();
    refuseOnce(refusal);
    expect((await pay(bolt11)).status).toBe(status);
  });

  it.each(["INSUFFICIENT_BALANCE", "QUOTA_EXCEEDED", "INTERNAL"])(
    "finds a payment made before in the books, whatever it is refused with (%s)",
    async (refusal) => {
      const { bolt11 } = await newInvoice();
      const paid = await pay(bolt11);
      refuseOnce(refusal);
      expect(await pay(bolt11)).toEqual(paid);
    },
  );

  it("does not know what became of a refused payment that it cannot look up", async () => {
    const { bolt11 } = await newInvoice();
    state.refuse = "INSUFFICIENT_BALANCE";
    expect((await pay(bolt11)).status).toBe("unknown");
  });

  it("does not know a payment under way, and knows it when it arrived", async () => {
    lightning.next("payInvoice", "unknown-stuck");
    const { bolt11, paymentHash } = await newInvoice();
    expect((await pay(bolt11, SHORT)).status).toBe("unknown");
    expect((await wallet.lookupPayment(paymentHash)).status).toBe("unknown");
    expect((await pay(bolt11, SHORT)).status).toBe("unknown");
    const preimage = lightning.settle(paymentHash);
    expect(await wallet.lookupPayment(paymentHash)).toMatchObject({ status: "paid", preimage });
  });

  it("knows a payment under way that failed", async () => {
    lightning.next("payInvoice", "unknown-stuck");
    const { bolt11, paymentHash } = await newInvoice();
    expect((await pay(bolt11, SHORT)).status).toBe("unknown");
    const restarted = createAlbyWallet({ url });
    expect((await restarted.lookupPayment(paymentHash)).status).toBe("unknown");
    lightning.cancel(paymentHash);
    expect((await restarted.lookupPayment(paymentHash)).status).toBe("unknown");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + LONGER_THAN_ANY_PAYMENT });
    expect((await restarted.lookupPayment(paymentHash)).status).toBe("failed");
  });

  // Alby Hub writes "failed" where its node went out of its sight, as at a restart, and "expired" over every other state.
  it.each(["failed", "expired"])("does not believe that a payment %s of which it got no answer", async (written) => {
    lightning.next("payInvoice", "unknown-stuck");
    const { bolt11, paymentHash } = await newInvoice();
    expect((await pay(bolt11, SHORT)).status).toBe("unknown");
    state.trap = (_, result) => ({ ...result, state: written });
    const restarted = createAlbyWallet({ url });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 });
    for (const each of [wallet, restarted]) expect((await each.lookupPayment(paymentHash)).status).toBe("unknown");
    expect(await wallet.lookupPayment(paymentHash)).toMatchObject({
      reason: `The wallet shows the payment as ${written}. Its node may still make it, for three weeks at most.`,
    });
    vi.setSystemTime(Date.now() + LONGER_THAN_ANY_PAYMENT);
    expect((await restarted.lookupPayment(paymentHash)).status).toBe("failed");
    for (const created_at of [undefined, 0, null, "yesterday"]) {
      state.trap = (_, result) => ({ ...result, state: written, created_at });
      expect((await restarted.lookupPayment(paymentHash)).status).toBe("unknown");
    }
    state.trap = undefined;
    const preimage = lightning.settle(paymentHash);
    expect(await restarted.lookupPayment(paymentHash)).toMatchObject({ status: "paid", preimage });
  });

  it("believes a refusal and the books right after it, for as long as the wallet can be asked", async () => {
    for (const isAway of [false, true]) {
      lightning.next("payInvoice", "failed");
      const { bolt11, paymentHash } = await newInvoice();
      if (isAway) {
        // Alby Hub refuses and ends: what it wrote down on its way out is not certain.
        relay.state.intercept = (event) => {
          if (event.kind === 23195) relay.state.intercept = () => undefined;
          return event;
        };
      }
      const status = isAway ? "unknown" : "failed";
      expect((await pay(bolt11)).status).toBe(status);
      relay.state.intercept = undefined;
      for (let i = 0; i < 2; i++) expect((await wallet.lookupPayment(paymentHash)).status).toBe(status);
    }
  });

  it("does not believe a refusal after more than a minute, in which the wallet may have lost its node", async () => {
    lightning.next("payInvoice", "failed");
    const { bolt11 } = await newInvoice();
    vi.useFakeTimers({ toFake: ["performance"] });
    relay.state.intercept = (event) => {
      if (event.kind === 23195) vi.advanceTimersByTime(61_000);
      return event;
    };
    expect((await pay(bolt11)).status).toBe("unknown");
  });

  it.each([
    ["an empty text", ""],
    ["zeros", "0".repeat(64)],
    ["null", null],
    ["another one", "ab".repeat(32)],
  ])("does not call a payment paid whose preimage is %s", async (_, preimage) => {
    const { bolt11, paymentHash } = await newInvoice();
    state.trap = (_, result) => ({ ...result, preimage });
    expect((await pay(bolt11)).status).toBe("unknown");
    expect((await wallet.lookupPayment(paymentHash)).status).toBe("unknown");
  });

  it("counts the whole reserve where the wallet does not say what it took", async () => {
    const { bolt11, paymentHash } = await newInvoice();
    state.trap = (_, { fees_paid, ...result }) => result;
    const paid = await pay(bolt11);
    expect(paid).toMatchObject({ status: "paid", feeMsat: 10_000 });
    expect(await wallet.lookupPayment(paymentHash)).toEqual(paid);
  });

  it("does not take an invoice of its own for a payment, nor for none", async () => {
    const { bolt11, paymentHash } = await newInvoice();
    await pay(bolt11);
    state.trap = (_, result) => ({ ...result, type: "incoming" });
    expect((await wallet.lookupPayment(paymentHash)).status).toBe("unknown");
  });

  it("refuses a reserve that is no function", () => {
    expect(() => createAlbyWallet({ url, feeReserveMsat: 5 } as never)).toThrow(/feeReserveMsat/);
  });
});

/** The wallet refuses the next request, and answers the ones after. */
function refuseOnce(code: string): void {
  state.refuse = code;
  relay.state.intercept = (event) => {
    if (event.kind === 23195) state.refuse = undefined;
    return event;
  };
}
