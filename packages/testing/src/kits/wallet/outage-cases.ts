import assert from "node:assert/strict";
import { expectL402Error, outcomeOf } from "../expectations.ts";
import { during, given, type KitCase } from "../kit.ts";
import type { WalletSubject } from "../wallet.ts";
import { expectPaid, type OpenWallet, openWallet, resolve, unpayableInvoice } from "./open-wallet.ts";

/** A wallet that does not know an outcome says so: a wrong "failed" or "not-found" leads to a second payment. */
export const walletOutageCases: readonly KitCase<WalletSubject>[] = [
  {
    name: "answers unknown, and finds out later, when it does not hear of a payment that went through",
    safety: true,
    needs: "loseNextAnswer",
    async run(subject) {
      const open = await openWallet(subject);
      const { bolt11, paymentHash } = await open.newInvoice();
      await given(subject, "loseNextAnswer")(open.wallet);
      const { status } = await open.pay(bolt11, { timeoutSeconds: 1 });
      // A wallet that looks the payment up on its own may already know.
      assert.ok(status === "unknown" || status === "paid", `The payment went through, and the answer was "${status}".`);
      expectPaid(await resolve(open, paymentHash), paymentHash, open.maxFeeMsat);
      expectPaid(await open.pay(bolt11), paymentHash, open.maxFeeMsat);
    },
  },
  {
    // A look-up may overtake the order.
    name: "answers unknown while an order that it did not hear of may still arrive",
    safety: true,
    needs: "delayNextOrder",
    async run(subject) {
      const open = await openWallet(subject);
      const { bolt11, paymentHash } = await open.newInvoice();
      const arrive = await given(subject, "delayNextOrder")(open.wallet);
      await expectInDoubt(open, bolt11, paymentHash);
      await arrive();
      expectPaid(await resolve(open, paymentHash), paymentHash, open.maxFeeMsat);
    },
  },
  {
    name: "does not take an earlier or a later failure for the outcome of an order that may still arrive",
    safety: true,
    needs: "delayNextOrder",
    async run(subject) {
      const open = await openWallet(subject);
      const { bolt11, paymentHash } = await unpayableInvoice(subject);
      await open.pay(bolt11);
      const arrive = await given(subject, "delayNextOrder")(open.wallet);
      await expectInDoubt(open, bolt11, paymentHash);
      await expectInDoubt(open, bolt11, paymentHash);
      await arrive();
    },
  },
  {
    name: "calls no payment paid while its backend is down, and means it when it says failed",
    safety: true,
    needs: "breakBackend",
    async run(subject) {
      const open = await openWallet(subject);
      const { bolt11, paymentHash } = await open.newInvoice();
      const { status } = await during(given(subject, "breakBackend"), open.wallet, () => open.pay(bolt11));
      assert.notEqual(status, "paid");
      if (status === "failed") await expectNeverPaid(open, paymentHash);
    },
  },
  {
    name: "never says not-found or failed of a payment while it cannot look it up",
    safety: true,
    needs: "breakBackend",
    async run(subject) {
      const { wallet, newInvoice, pay, maxFeeMsat } = await openWallet(subject);
      const { bolt11, paymentHash } = await newInvoice();
      expectPaid(await pay(bolt11), paymentHash, maxFeeMsat);
      await during(given(subject, "breakBackend"), wallet, async () => {
        const outcome = await outcomeOf(() => wallet.lookupPayment(paymentHash));
        if ("error" in outcome) expectL402Error(outcome.error, /^PROVIDER_/, subject.secrets);
        else
          assert.ok(["unknown", "paid"].includes(outcome.answer.status), `The answer was "${outcome.answer.status}".`);
      });
    },
  },
  {
    name: "gives up when its caller does, and means it when it says failed",
    safety: true,
    needs: "hangBackend",
    async run(subject) {
      const open = await openWallet(subject);
      const { bolt11, paymentHash } = await open.newInvoice();
      const caller = new AbortController();
      const { status } = await during(given(subject, "hangBackend"), open.wallet, () => {
        setTimeout(() => caller.abort(), 20);
        return open.pay(bolt11, { signal: caller.signal });
      });
      assert.notEqual(status, "paid");
      if (status === "failed") await expectNeverPaid(open, paymentHash);
    },
  },
];

async function expectInDoubt(open: OpenWallet, bolt11: string, paymentHash: string): Promise<void> {
  const { status } = await open.pay(bolt11, { timeoutSeconds: 1 });
  assert.equal(status, "unknown", `The order may still arrive, and the answer was "${status}".`);
  const found = await open.lookUp(paymentHash);
  assert.equal(found.status, "unknown", `The order may still arrive, and looking it up answers "${found.status}".`);
}

async function expectNeverPaid(open: OpenWallet, paymentHash: string): Promise<void> {
  const { status } = await resolve(open, paymentHash);
  assert.notEqual(status, "paid", 'It said "failed", and the payment went through.');
}
