import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { given, type KitCase } from "../kit.ts";
import type { WalletSubject } from "../wallet.ts";
import { expectPaid, openWallet, resolve } from "./open-wallet.ts";

/** Money moves once, and the wallet reports it. */
export const walletPaymentCases: readonly KitCase<WalletSubject>[] = [
  {
    name: "pays an invoice, within the fee limit, and answers the preimage",
    safety: true,
    async run(subject) {
      const { newInvoice, pay, maxFeeMsat } = await openWallet(subject);
      for (const amountMsat of [1_000, 21_000]) {
        const { bolt11, paymentHash } = await newInvoice(amountMsat);
        expectPaid(await pay(bolt11), paymentHash, maxFeeMsat);
      }
    },
  },
  {
    name: "finds a payment that it made",
    safety: true,
    async run(subject) {
      const { newInvoice, pay, lookUp, maxFeeMsat } = await openWallet(subject);
      const { bolt11, paymentHash } = await newInvoice();
      const paid = await pay(bolt11);
      expectPaid(paid, paymentHash, maxFeeMsat);
      const found = await lookUp(paymentHash);
      expectPaid(found, paymentHash, maxFeeMsat);
      assert.equal(found.feeMsat, paid.feeMsat);
    },
  },
  {
    name: "answers not-found for a payment that it never made",
    safety: true,
    async run(subject) {
      const { newInvoice, lookUp } = await openWallet(subject);
      assert.equal((await lookUp(randomBytes(32).toString("hex"))).status, "not-found");
      assert.equal((await lookUp((await newInvoice()).paymentHash)).status, "not-found");
    },
  },
  {
    // "failed" would mean that no money has moved for this invoice, and the buyer's budget would be restored.
    name: "answers the same payment when it is asked to pay an invoice again",
    safety: true,
    async run(subject) {
      const { newInvoice, pay, maxFeeMsat } = await openWallet(subject);
      const { bolt11, paymentHash } = await newInvoice();
      for (let i = 0; i < 3; i++) expectPaid(await pay(bolt11), paymentHash, maxFeeMsat);
    },
  },
  {
    name: "pays once when it is asked several times at once",
    safety: true,
    async run(subject) {
      const open = await openWallet(subject);
      const { bolt11, paymentHash } = await open.newInvoice();
      const results = await Promise.all(Array.from({ length: 5 }, () => open.pay(bolt11)));
      for (const { status } of results) {
        assert.ok(status === "paid" || status === "unknown", `The answer was "${status}", but money did move.`);
      }
      expectPaid(await resolve(open, paymentHash), paymentHash, open.maxFeeMsat);
    },
  },
  {
    name: "spends the amount and the fee that it answers, once",
    safety: true,
    needs: "spentMsat",
    async run(subject) {
      const spentMsat = given(subject, "spentMsat");
      const { wallet, newInvoice, pay, maxFeeMsat } = await openWallet(subject);
      const before = await spentMsat(wallet);
      const { bolt11, paymentHash } = await newInvoice(21_000);
      const paid = await pay(bolt11);
      expectPaid(paid, paymentHash, maxFeeMsat);
      await Promise.all([pay(bolt11), pay(bolt11), pay(bolt11)]);
      assert.equal((await spentMsat(wallet)) - before, 21_000 + paid.feeMsat);
    },
  },
];
