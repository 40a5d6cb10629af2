import { decodeInvoice } from "@l402/bolt11";
import { isL402Error } from "@l402/core";
import { describe, expect, it } from "vitest";
import { type CallFault, fakeClock, fakeLightning } from "../src/index.ts";

const order = { amountMsat: 21_000, description: "tea", expiresInSeconds: 600 };

async function startWithInvoice() {
  const clock = fakeClock();
  const lightning = fakeLightning({ clock });
  const { bolt11, paymentHash } = await lightning.provider.createInvoice(order);
  const pay = (signal?: AbortSignal) =>
    lightning.wallet.payInvoice({ bolt11, maxFeeMsat: 0, ...(signal ? { signal } : {}) });
  return { ...lightning, lightning, clock, bolt11, paymentHash, pay };
}

describe("a call", () => {
  it("fails once, or always until healed", async () => {
    const { provider, next, always, heal } = fakeLightning();
    next("createInvoice", "PROVIDER_TIMEOUT");
    next("createInvoice", "PROVIDER_RATE_LIMITED");
    await expect(provider.createInvoice(order)).rejects.toMatchObject({ code: "PROVIDER_TIMEOUT" });
    await expect(provider.createInvoice(order)).rejects.toMatchObject({ code: "PROVIDER_RATE_LIMITED" });
    await provider.createInvoice(order);
    always("createInvoice", "PROVIDER_UNREACHABLE");
    for (let i = 0; i < 3; i++) await expect(provider.createInvoice(order)).rejects.toSatisfy(isL402Error);
    heal();
    await provider.createInvoice(order);
  });

  it("hangs until its caller gives up, and nothing has happened", async () => {
    const { lightning, provider, pay, paymentHash } = await startWithInvoice();
    for (const call of ["createInvoice", "lookupInvoice", "payInvoice"] as const) lightning.always(call, "hang");
    const caller = new AbortController();
    const { signal } = caller;
    const calls = Promise.allSettled([
      provider.createInvoice({ ...order, signal }),
      provider.lookupInvoice({ paymentHash }, { signal }),
      pay(signal),
    ]);
    caller.abort();
    expect(await calls).toMatchObject([
      { reason: { code: "PROVIDER_TIMEOUT" } },
      { reason: { code: "PROVIDER_TIMEOUT" } },
      { value: { status: "unknown" } },
    ]);
    expect(lightning.invoices.length).toBe(1);
    expect(lightning.payments).toEqual([]);
  });

  it("is carried out at once and answers late", async () => {
    const { lightning, wallet, pay, paymentHash } = await startWithInvoice();
    const late: CallFault = { delaySeconds: 0.02 };
    lightning.next("payInvoice", late);
    const answer = pay();
    await Promise.resolve();
    expect(lightning.payments).toMatchObject([{ paymentHash, status: "paid" }]);
    expect((await answer).status).toBe("paid");

    lightning.next("payInvoice", { delaySeconds: 60 });
    const caller = new AbortController();
    const given = pay(caller.signal);
    caller.abort();
    expect((await given).status).toBe("unknown");
    expect((await wallet.lookupPayment(paymentHash)).status).toBe("paid");
  });
});

describe("a payment", () => {
  it("fails, and can be tried again", async () => {
    const { lightning, wallet, pay, paymentHash } = await startWithInvoice();
    lightning.next("payInvoice", "failed");
    expect((await pay()).status).toBe("failed");
    expect((await wallet.lookupPayment(paymentHash)).status).toBe("failed");
    expect((await pay()).status).toBe("paid");
    expect(lightning.balanceMsat).toBe(1_000_000_000 - 21_000);
  });

  it("settles although its answer is lost", async () => {
    const { lightning, wallet, provider, pay, paymentHash } = await startWithInvoice();
    lightning.next("payInvoice", "unknown-settled");
    expect((await pay()).status).toBe("unknown");
    expect((await wallet.lookupPayment(paymentHash)).status).toBe("paid");
    expect((await provider.lookupInvoice({ paymentHash })).status).toBe("settled");
    expect((await pay()).status).toBe("paid");
    expect(lightning.balanceMsat).toBe(1_000_000_000 - 21_000);
  });

  it("stays stuck until the invoice is settled", async () => {
    const { lightning, clock, wallet, pay, paymentHash } = await startWithInvoice();
    lightning.next("payInvoice", "unknown-stuck");
    expect((await pay()).status).toBe("unknown");
    expect((await pay()).status).toBe("unknown");
    clock.advanceSeconds(601);
    expect((await wallet.lookupPayment(paymentHash)).status).toBe("unknown");
    expect(lightning.balanceMsat).toBe(1_000_000_000 - 21_000);
    const preimage = lightning.settle(paymentHash);
    expect(await wallet.lookupPayment(paymentHash)).toEqual({ status: "paid", preimage, feeMsat: 0 });
  });

  it("gives the money back when the invoice of a stuck payment is cancelled", async () => {
    const { lightning, wallet, pay, paymentHash } = await startWithInvoice();
    lightning.next("payInvoice", "unknown-stuck");
    await pay();
    lightning.cancel(paymentHash);
    expect((await wallet.lookupPayment(paymentHash)).status).toBe("failed");
    expect(lightning.balanceMsat).toBe(1_000_000_000);
  });

  it("is paid with a preimage that proves nothing", async () => {
    for (const [fault, expected] of [
      ["wrong-preimage", /^[0-9a-f]{64}$/],
      ["zero-preimage", /^0{64}$/],
      ["empty-preimage", /^$/],
    ] as const) {
      const { lightning, pay, paymentHash } = await startWithInvoice();
      lightning.next("payInvoice", fault);
      expect(await pay()).toMatchObject({ status: "paid", preimage: expect.stringMatching(expected) });
      expect(await pay()).toMatchObject({ status: "paid", preimage: lightning.settle(paymentHash) });
    }
  });
});

describe("a provider", () => {
  it("lies about the invoice", async () => {
    const clock = fakeClock();
    const { provider, next } = fakeLightning({ clock });
    const ask = async () => {
      const invoice = await provider.createInvoice(order);
      expect(invoice.amountMsat).toBe(21_000);
      expect(invoice.expiresAt > clock()).toBe(true);
      return { invoice, decoded: decodeInvoice(invoice.bolt11) };
    };
    next("createInvoice", "wrong-amount");
    expect((await ask()).decoded.amountMsat).toBe(210_000n);
    next("createInvoice", "amountless");
    expect((await ask()).decoded.amountMsat).toBeUndefined();
    next("createInvoice", "wrong-network");
    expect((await ask()).decoded.network).toBe("testnet");
    next("createInvoice", "already-expired");
    expect((await ask()).decoded.expiresAt < clock()).toBe(true);
    next("createInvoice", "wrong-hash");
    const { invoice, decoded } = await ask();
    expect(invoice.paymentHash).not.toBe(decoded.paymentHash);
  });

  it("does not notice a payment", async () => {
    const { lightning, provider, pay, paymentHash } = await startWithInvoice();
    await pay();
    lightning.next("lookupInvoice", "still-open");
    expect(await provider.lookupInvoice({ paymentHash })).toEqual({ status: "open" });
    expect((await provider.lookupInvoice({ paymentHash })).status).toBe("settled");
  });
});
