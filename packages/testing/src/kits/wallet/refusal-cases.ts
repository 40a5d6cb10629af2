import assert from "node:assert/strict";
import { decodeInvoice } from "@l402/bolt11";
import { given, type KitCase } from "../kit.ts";
import type { WalletSubject } from "../wallet.ts";
import { expectNotPaid, expectPaid, type OpenWallet, openWallet, unpayableInvoice } from "./open-wallet.ts";

/** A wallet neither pays invoices that must not be paid, nor reports them as paid. */
export const walletRefusalCases: readonly KitCase<WalletSubject>[] = [
  {
    name: "fails for a text that is not an invoice, without moving money",
    safety: true,
    async run(subject) {
      const open = await openWallet(subject);
      const { bolt11 } = await open.newInvoice();
      const typo = bolt11.slice(0, -1) + (bolt11.endsWith("q") ? "p" : "q");
      await expectNothingSpent(open, async () => {
        for (const text of ["", "lnbc1", "not an invoice", bolt11.slice(0, -10), typo]) {
          await expectNotPaid(open, await open.pay(text));
        }
      });
    },
  },
  {
    name: "fails for an expired invoice, without moving money",
    safety: true,
    needs: "expiredInvoice",
    async run(subject) {
      const open = await openWallet(subject);
      const bolt11 = await given(subject, "expiredInvoice")();
      const { paymentHash } = decodeInvoice(bolt11);
      await expectNothingSpent(open, async () => expectNotPaid(open, await open.pay(bolt11), paymentHash));
    },
  },
  {
    name: "fails for an invoice without an amount, without moving money",
    safety: true,
    needs: "amountlessInvoice",
    async run(subject) {
      const open = await openWallet(subject);
      const bolt11 = await given(subject, "amountlessInvoice")();
      const { paymentHash } = decodeInvoice(bolt11);
      await expectNothingSpent(open, async () => expectNotPaid(open, await open.pay(bolt11), paymentHash));
    },
  },
  {
    name: "fails for an invoice that costs more than the fee limit, and pays it within a higher one",
    safety: true,
    needs: "costlyInvoice",
    async run(subject) {
      const open = await openWallet(subject);
      const { bolt11, feeMsat } = await given(subject, "costlyInvoice")();
      const { paymentHash } = decodeInvoice(bolt11);
      for (const maxFeeMsat of [0, feeMsat - 1]) {
        await expectNothingSpent(open, async () => {
          await expectNotPaid(open, await open.pay(bolt11, { maxFeeMsat }), paymentHash);
        });
      }
      expectPaid(await open.pay(bolt11, { maxFeeMsat: feeMsat * 2 }), paymentHash, feeMsat * 2);
    },
  },
  {
    // "failed" would mean that no money has moved for this invoice.
    name: "answers the payment that it made also to a lower fee limit",
    safety: true,
    needs: "costlyInvoice",
    async run(subject) {
      const { pay } = await openWallet(subject);
      const { bolt11, feeMsat } = await given(subject, "costlyInvoice")();
      const paid = await pay(bolt11, { maxFeeMsat: feeMsat * 2 });
      expectPaid(paid, decodeInvoice(bolt11).paymentHash, feeMsat * 2);
      assert.deepEqual(await pay(bolt11, { maxFeeMsat: 0 }), paid);
    },
  },
  {
    // Some backends answer HTTP 200 and a preimage of zeros.
    name: "does not call a payment paid that has no route to the payee",
    safety: true,
    async run(subject) {
      const open = await openWallet(subject);
      const { bolt11, paymentHash } = await unpayableInvoice(subject);
      await expectNothingSpent(open, async () => {
        assert.notEqual((await open.pay(bolt11)).status, "paid");
        assert.notEqual((await open.lookUp(paymentHash)).status, "paid");
      });
    },
  },
  {
    name: "sends nothing for a caller who gave up before",
    safety: true,
    async run(subject) {
      const open = await openWallet(subject);
      const { bolt11, paymentHash } = await open.newInvoice();
      await expectNothingSpent(open, async () => {
        await expectNotPaid(open, await open.pay(bolt11, { signal: AbortSignal.abort() }), paymentHash);
      });
    },
  },
];

/**
 * Checks that no money was spent. If the subject can report its spending, this is a proof; the wallet's answers are
 * only claims.
 */
async function expectNothingSpent(open: OpenWallet, attempt: () => Promise<void>): Promise<void> {
  const before = await open.spent();
  await attempt();
  assert.equal(await open.spent(), before, "Money has moved.");
}
