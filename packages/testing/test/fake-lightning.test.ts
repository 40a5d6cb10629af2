import { createHash } from "node:crypto";
import { inspect } from "node:util";
import { decodeInvoice } from "@l402/bolt11";
import { verifyInvoice } from "@l402/bolt11/signature";
import { describe, expect, it } from "vitest";
import { fakeClock, fakeLightning } from "../src/index.ts";

const order = { amountMsat: 21_000, description: "tea", expiresInSeconds: 600 };

it("refuses an option that does not exist, as all factories do", () => {
  expect(() => fakeLightning({ balanceSats: 5 } as object)).toThrow(/fakeLightning has no option "balanceSats"/);
});

describe("invoices", () => {
  it("are real, signed regtest invoices", async () => {
    const clock = fakeClock();
    const { provider } = fakeLightning({ clock });
    const invoice = await provider.createInvoice(order);
    expect(decodeInvoice(invoice.bolt11)).toMatchObject({
      network: "regtest",
      amountMsat: 21_000n,
      description: "tea",
      paymentHash: invoice.paymentHash,
      timestamp: clock(),
      expiresAt: invoice.expiresAt,
    });
    expect(verifyInvoice(invoice.bolt11).payee).toMatch(/^0[23]/);
  });

  it("go from open to expired with the clock", async () => {
    const clock = fakeClock();
    const lightning = fakeLightning({ clock });
    const invoice = await lightning.provider.createInvoice(order);
    clock.advanceSeconds(599);
    expect(await lightning.provider.lookupInvoice(invoice)).toEqual({ status: "open" });
    clock.advanceSeconds(1);
    expect(await lightning.provider.lookupInvoice(invoice)).toEqual({ status: "expired" });
    expect(() => lightning.settle(invoice.paymentHash)).toThrow("expired");
  });

  it("can be settled and cancelled by hand", async () => {
    const lightning = fakeLightning();
    const [paid, canceled] = [
      await lightning.provider.createInvoice(order),
      await lightning.provider.createInvoice(order),
    ];
    const preimage = lightning.settle(paid.paymentHash);
    expect(createHash("sha256").update(preimage, "hex").digest("hex")).toBe(paid.paymentHash);
    expect(await lightning.provider.lookupInvoice(paid)).toMatchObject({ status: "settled", preimage });
    lightning.cancel(canceled.paymentHash);
    expect(await lightning.provider.lookupInvoice(canceled)).toEqual({ status: "canceled" });
    expect(lightning.invoices.map(({ status }) => status)).toEqual(["settled", "canceled"]);
    expect(() => lightning.settle(canceled.paymentHash)).toThrow("canceled");
    expect(() => lightning.cancel(paid.paymentHash)).toThrow("paid");
    expect(() => lightning.settle("0".repeat(64))).toThrow("no invoice");
  });

  it("can be for another network", async () => {
    const { provider, wallet } = fakeLightning({ network: "signet", preimageProvesPayment: false });
    const { bolt11 } = await provider.createInvoice(order);
    expect(decodeInvoice(bolt11).network).toBe("signet");
    expect(provider.preimageProvesPayment).toBe(false);
    expect((await wallet.payInvoice({ bolt11, maxFeeMsat: 0 })).status).toBe("paid");
  });
});

describe("the wallet", () => {
  it("pays, takes the fee and is out of money at the end", async () => {
    const lightning = fakeLightning({ balanceMsat: 50_000, feeMsat: 1_000 });
    const pay = async () => {
      const { bolt11 } = await lightning.provider.createInvoice(order);
      return lightning.wallet.payInvoice({ bolt11, maxFeeMsat: 1_000 });
    };
    expect(await pay()).toMatchObject({ status: "paid", feeMsat: 1_000 });
    expect(await pay()).toMatchObject({ status: "paid", feeMsat: 1_000 });
    expect(lightning.balanceMsat).toBe(6_000);
    expect(await pay()).toEqual({ status: "failed", reason: "the balance is too low" });
    expect(lightning.balanceMsat).toBe(6_000);
    expect(lightning.payments.map(({ status }) => status)).toEqual(["paid", "paid", "failed"]);
    expect(lightning.calls).toEqual({ createInvoice: 3, lookupInvoice: 0, payInvoice: 3, lookupPayment: 0 });
  });

  it("does not pay what somebody else paid or the payee cancelled", async () => {
    const { provider, wallet, settle, cancel } = fakeLightning();
    const [paid, canceled] = [await provider.createInvoice(order), await provider.createInvoice(order)];
    settle(paid.paymentHash);
    cancel(canceled.paymentHash);
    expect((await wallet.payInvoice({ bolt11: paid.bolt11, maxFeeMsat: 0 })).status).toBe("failed");
    expect((await wallet.payInvoice({ bolt11: canceled.bolt11, maxFeeMsat: 0 })).status).toBe("failed");
  });

  it("does not pay invoices of another node or network", async () => {
    const [here, there] = [fakeLightning(), fakeLightning()];
    const foreign = await there.provider.createInvoice(order);
    expect(await here.wallet.payInvoice({ bolt11: foreign.bolt11, maxFeeMsat: 0 })).toMatchObject({
      reason: "there is no route to the payee",
    });
  });
});

describe("secrets", () => {
  it("do not show when a node, its invoices or its payments are printed", async () => {
    const lightning = fakeLightning();
    const { paymentHash } = await lightning.provider.createInvoice(order);
    const { bolt11 } = await lightning.provider.createInvoice(order);
    const preimage = lightning.settle(paymentHash);
    const paid = await lightning.wallet.payInvoice({ bolt11, maxFeeMsat: 0 });
    const text = inspect(lightning, { depth: 9, showHidden: true, getters: true });
    expect(text).toContain(paymentHash);
    expect(text).not.toContain(preimage);
    expect(text).not.toContain((paid as { preimage: string }).preimage);
  });
});
