import { expect, it } from "vitest";
import { createPaymentLedger } from "../src/payment-ledger.ts";

const preimage = "ab".repeat(32);
const paymentHash = "9a2db2e23f1504cd056606553ac049c5e718e8f9ce9233876df1a7a1821af885";
const paid = { status: "paid", preimage, feeMsat: 0 } as const;
const failed = { status: "failed", reason: "no luck" } as const;

it("tells everybody who waits how a payment ended", async () => {
  const ledger = createPaymentLedger();
  ledger.start(paymentHash);
  const waiting = [1, 2].map(() => ledger.wait(paymentHash, { timeoutSeconds: 60 }));
  ledger.finish(paymentHash, paid);
  expect(await Promise.all(waiting)).toEqual([paid, paid]);
});

it("never calls a payment paid without its preimage", async () => {
  for (const junk of ["", "00".repeat(32), "cd".repeat(32), preimage.slice(2)]) {
    const ledger = createPaymentLedger();
    ledger.start(paymentHash);
    const waiting = ledger.wait(paymentHash, { timeoutSeconds: 60 });
    ledger.finish(paymentHash, { ...paid, preimage: junk });
    expect(await waiting).toMatchObject({ status: "unknown" });
    expect(ledger.find(paymentHash)).toMatchObject({ status: "unknown" });
  }
});

it("keeps to what it said first", () => {
  const ledger = createPaymentLedger();
  ledger.start(paymentHash);
  ledger.finish(paymentHash, paid);
  ledger.finish(paymentHash, failed);
  expect(ledger.find(paymentHash)).toEqual(paid);
});

it("waits no longer than the caller", async () => {
  const ledger = createPaymentLedger();
  ledger.start(paymentHash);
  expect(await ledger.wait(paymentHash, { timeoutSeconds: 0.001 })).toMatchObject({ status: "unknown" });
  const signal = AbortSignal.abort();
  expect(await ledger.wait(paymentHash, { timeoutSeconds: 60, signal })).toMatchObject({ status: "unknown" });
});

it("lets nobody wait after it was closed", async () => {
  const ledger = createPaymentLedger();
  ledger.start(paymentHash);
  const waiting = ledger.wait(paymentHash, { timeoutSeconds: 60 });
  ledger.close();
  expect(await waiting).toMatchObject({ status: "unknown" });
});
