import { L402Error, type PaymentResult } from "@l402/core";
import { fakeLightning } from "@l402/testing";
import { describe, expect, it, vi } from "vitest";
import { createDoubts } from "../src/create-doubts.ts";
import { payOnce, resolvePayment } from "../src/pay-once.ts";

const PREIMAGE = "00".repeat(31).concat("07");
const lightning = fakeLightning();
const order = { amountMsat: 21_000, description: "tea", expiresInSeconds: 600 };
const invoice = await lightning.provider.createInvoice(order);
const paid: PaymentResult = { status: "paid", preimage: PREIMAGE, feeMsat: 0 };

async function run(changes: object, pay: () => Promise<PaymentResult> = async () => paid) {
  let calls = 0;
  const input = { bolt11: invoice.bolt11, maxFeeMsat: 1_000, ...changes };
  const attempt = () => {
    calls++;
    return pay();
  };
  const result = await payOnce(input, attempt, createDoubts());
  return { result, calls };
}

describe("payOnce", () => {
  it("pays with what the invoice says", async () => {
    const pay = vi.fn(async () => paid);
    expect(await payOnce({ bolt11: invoice.bolt11, maxFeeMsat: 0 }, pay, createDoubts())).toBe(paid);
    expect(pay).toHaveBeenCalledWith(
      expect.objectContaining({ paymentHash: invoice.paymentHash, amountMsat: 21_000n }),
    );
  });

  it.each([
    ["nonsense", { bolt11: "lnbc1" }, "not a valid BOLT11"],
    [
      "a changed letter",
      { bolt11: `${invoice.bolt11.slice(0, -1)}${invoice.bolt11.endsWith("q") ? "p" : "q"}` },
      "BOLT11",
    ],
    ["no fee limit", { maxFeeMsat: undefined }, "maxFeeMsat"],
    ["a fee limit below zero", { maxFeeMsat: -1 }, "maxFeeMsat"],
    ["a fee limit that is no number", { maxFeeMsat: Number.NaN }, "maxFeeMsat"],
    ["no time", { timeoutSeconds: 0 }, "timeoutSeconds"],
    ["a time that is no number", { timeoutSeconds: Number.NaN }, "timeoutSeconds"],
    ["endless time", { timeoutSeconds: Number.POSITIVE_INFINITY }, "timeoutSeconds"],
    ["a caller who gave up before", { signal: AbortSignal.abort() }, "aborted"],
  ])("sends nothing for %s", async (_, changes, reason) => {
    const { result, calls } = await run(changes);
    expect(result).toEqual({ status: "failed", reason: expect.stringContaining(reason) });
    expect(calls).toBe(0);
  });

  it("sends nothing for an invoice without an amount", async () => {
    lightning.next("createInvoice", "amountless");
    const { bolt11 } = await lightning.provider.createInvoice(order);
    const { result, calls } = await run({ bolt11 });
    expect(result).toEqual({ status: "failed", reason: "The invoice has no amount." });
    expect(calls).toBe(0);
  });

  it("answers unknown unless it is certain that nothing was sent", async () => {
    const fails = (error: unknown) => async (): Promise<PaymentResult> => {
      throw error;
    };
    const maybe = new L402Error("PROVIDER_TIMEOUT", "Too late.", { fundsMoved: "maybe" });
    expect((await run({}, fails(maybe))).result).toEqual({ status: "unknown", reason: "Too late." });
    expect((await run({}, fails(new TypeError("of the key sk_live")))).result).toEqual({
      status: "unknown",
      reason: "The wallet's backend failed.",
    });
    const refused = new L402Error("PROVIDER_UNAUTHORIZED");
    await expect(run({}, fails(refused))).rejects.toBe(refused);
  });

  it("does not take its own end for that of an earlier attempt that was not heard of", async () => {
    const doubts = createDoubts();
    const pay = (attempt: () => Promise<PaymentResult>, changes = {}) =>
      payOnce({ bolt11: invoice.bolt11, maxFeeMsat: 0, ...changes }, attempt, doubts);
    const failing = async (): Promise<PaymentResult> => ({ status: "failed", reason: "no route" });
    const refused = async () => {
      throw new L402Error("PROVIDER_UNREACHABLE", "down", { fundsMoved: "no" });
    };
    const gaveUp = { signal: AbortSignal.abort() };
    expect(await pay(failing)).toEqual({ status: "failed", reason: "no route" });
    await expect(pay(refused)).rejects.toMatchObject({ fundsMoved: "no" });
    const end = doubts.begin(invoice.paymentHash);
    for (const result of [await pay(failing), await pay(refused), await pay(failing, gaveUp)]) {
      expect(result.status).toBe("unknown");
    }
    expect(await pay(async () => paid)).toBe(paid);
    end();
    expect((await pay(failing, gaveUp)).status).toBe("failed");
  });
});

describe("resolvePayment", () => {
  const none: PaymentResult = { status: "failed", reason: "It was never sent." };

  it("answers what the look-up found, or what it means that it found nothing", async () => {
    expect(await resolvePayment(async () => paid, none)).toBe(paid);
    expect(await resolvePayment(async () => ({ status: "not-found" }), none)).toBe(none);
  });

  it("answers unknown when the look-up fails, although that moved no money", async () => {
    const refused = new L402Error("PROVIDER_UNAUTHORIZED", "Refused.", { fundsMoved: "no" });
    expect(await resolvePayment(() => Promise.reject(refused), none)).toEqual({
      status: "unknown",
      reason: "Refused.",
    });
    const { status } = await resolvePayment(() => Promise.reject(new Error("of the key")), none);
    expect(status).toBe("unknown");
  });
});
