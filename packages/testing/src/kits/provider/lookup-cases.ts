import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { InvoiceState } from "@l402/core";
import { errorOf, expectL402Error, expectPreimage } from "../expectations.ts";
import { given, type KitCase } from "../kit.ts";
import type { ProviderSubject } from "../provider.ts";
import { openProvider } from "./open-provider.ts";

/** A payment is reported when it has arrived, and its preimage never before. */
export const providerLookupCases: readonly KitCase<ProviderSubject>[] = [
  {
    name: "reports an unpaid invoice as open, without a preimage",
    safety: true,
    async run(subject) {
      const { order, lookUp } = await openProvider(subject);
      const { invoice } = await order();
      const state = await lookUp(invoice);
      assert.equal(state.status, "open");
      expectNoPreimage(state);
      expectNoPreimage(invoice);
    },
  },
  {
    name: "reports a paid invoice as settled, with its true preimage or with none",
    safety: true,
    async run(subject) {
      const { order, lookUpWhenClosed } = await openProvider(subject);
      const { invoice } = await order();
      await subject.settle(invoice);
      const state = await lookUpWhenClosed(invoice);
      assert.ok(state.status === "settled", `The invoice was paid, and its status is "${state.status}".`);
      // Backends answer zeros, an empty text or null if they do not know the preimage.
      if (state.preimage !== undefined) expectPreimage(state.preimage, invoice.paymentHash);
    },
  },
  {
    name: "says when an invoice was settled, or nothing",
    safety: false,
    async run(subject) {
      const { order, lookUpWhenClosed } = await openProvider(subject);
      const { clock = () => new Date() } = subject;
      const { invoice } = await order();
      await subject.settle(invoice);
      const state = await lookUpWhenClosed(invoice);
      if (state.status !== "settled" || state.settledAt === undefined) return;
      const seconds = Math.abs(state.settledAt.getTime() - clock().getTime()) / 1000;
      assert.ok(seconds <= 600, `settledAt is ${seconds} s away from now.`);
    },
  },
  {
    name: "says how much has arrived, or nothing",
    safety: true,
    async run(subject) {
      const { order, lookUpWhenClosed } = await openProvider(subject);
      const { invoice } = await order();
      await subject.settle(invoice);
      const state = await lookUpWhenClosed(invoice);
      if (state.status !== "settled" || state.receivedMsat === undefined) return;
      const { receivedMsat } = state;
      assert.ok(Number.isSafeInteger(receivedMsat) && receivedMsat >= 0, `receivedMsat is ${receivedMsat}.`);
      // A backend may keep a fee, and the kit's buyer pays exactly the requested amount.
      assert.ok(receivedMsat <= invoice.amountMsat, `${receivedMsat} of ${invoice.amountMsat} msat have arrived.`);
    },
  },
  {
    name: "reports as settled only the invoice that was paid",
    safety: true,
    async run(subject) {
      const { order, lookUp, lookUpWhenClosed } = await openProvider(subject);
      const [paid, unpaid] = [await order(), await order()];
      await subject.settle(paid.invoice);
      assert.equal((await lookUpWhenClosed(paid.invoice)).status, "settled");
      const state = await lookUp(unpaid.invoice);
      assert.equal(state.status, "open");
      expectNoPreimage(state);
    },
  },
  {
    name: "reports an unpaid invoice as expired or canceled when its time is over, without a preimage",
    safety: true,
    needs: "expire",
    async run(subject) {
      const { order, lookUpWhenClosed } = await openProvider(subject);
      const { invoice } = await order();
      await given(subject, "expire")(invoice);
      const state = await lookUpWhenClosed(invoice);
      assert.ok(state.status === "expired" || state.status === "canceled", `Its status is "${state.status}".`);
      expectNoPreimage(state);
    },
  },
  {
    name: "rejects a payment hash that it does not know",
    safety: true,
    async run(subject) {
      const { provider, patienceSeconds } = await openProvider(subject);
      const paymentHash = randomBytes(32).toString("hex");
      const error = await errorOf(
        () => provider.lookupInvoice({ paymentHash }),
        "An unknown payment hash got an answer.",
        patienceSeconds,
      );
      expectL402Error(error, /^PROVIDER_/, subject.secrets);
    },
  },
];

/** SECURITY: a buyer who has the preimage need not pay (provider.test.ts, "preimage before settlement"). */
function expectNoPreimage(answer: InvoiceState | object): void {
  const { preimage } = answer as { preimage?: unknown };
  assert.ok(preimage === undefined, "There is a preimage in the answer, but nobody has paid.");
}
