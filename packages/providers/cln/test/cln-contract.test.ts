import { describe, expect, it } from "vitest";
import { createCln, createClnWallet } from "../src/index.ts";
import { BUYER_RUNE, fakeCln, SELLER_RUNE } from "./fake-cln.ts";
import { hasContracts, METHODS, problemsOfAnswer, problemsOfParams, readMethod } from "./rpc-schema.ts";

const ORDER = { amountMsat: 21_000, description: "tea ☕", expiresInSeconds: 600 };

describe.skipIf(!hasContracts)(
  `Core Lightning's own schemas${hasContracts ? "" : " (skipped: the vendor contracts are not here)"}`,
  () => {
    it("describe everything that is asked and answered in these tests", async () => {
      const cln = await fakeCln();
      const provider = createCln({ url: cln.url, rune: SELLER_RUNE, privateRouteHints: true });
      const wallet = createClnWallet({ url: cln.url, rune: BUYER_RUNE });

      const invoice = await provider.createInvoice(ORDER);
      await provider.lookupInvoice(invoice);
      cln.lightning.settle(invoice.paymentHash);
      await provider.lookupInvoice(invoice);
      const late = await provider.createInvoice(ORDER);
      cln.clock.advanceSeconds(601);
      await provider.lookupInvoice(late);
      await provider.lookupInvoice({ paymentHash: "ab".repeat(32) }).catch(() => {});

      for (const hasXpay of [true, false]) {
        cln.state.hasXpay = hasXpay;
        for (const fault of [undefined, "failed", "unknown-stuck"] as const) {
          if (fault) cln.lightning.next("payInvoice", fault);
          const { bolt11, paymentHash } = await cln.lightning.provider.createInvoice(ORDER);
          const signal = AbortSignal.timeout(fault === "unknown-stuck" ? 100 : 5_000);
          await wallet.payInvoice({ bolt11, maxFeeMsat: 10_000, signal });
          await wallet.lookupPayment(paymentHash);
        }
      }
      await wallet.lookupPayment("ab".repeat(32));
      await cln.close();

      for (const { method, params, status, body } of cln.exchanges) {
        const schema = readMethod(method);
        expect([method, ...problemsOfParams(schema, params)]).toEqual([method]);
        if (status === 201) expect([method, ...problemsOfAnswer(schema, body)]).toEqual([method]);
      }
      expect(new Set(cln.exchanges.map(({ method }) => method))).toEqual(new Set(METHODS));
    });

    it.each(METHODS)("have examples of %s that fit, which shows that they are read", (method) => {
      const schema = readMethod(method);
      expect(schema.examples.length).toBeGreaterThan(0);
      for (const { request, response } of schema.examples) {
        if (!Array.isArray(request.params)) expect(problemsOfParams(schema, request.params)).toEqual([]);
        expect(problemsOfAnswer(schema, response)).toEqual([]);
        expect(problemsOfAnswer(schema, {})).not.toEqual([]);
      }
    });

    it.each([
      ["another parameter", { payment_hash: "ab".repeat(32), bolt: "" }],
      ["another type", { payment_hash: 7 }],
      ["a short hash", { payment_hash: "ab" }],
    ])("notice %s", (_, params) => {
      expect(problemsOfParams(readMethod("listpays"), params)).toHaveLength(1);
    });

    it("have examples that are understood", async () => {
      const answering = (body: unknown) => ({
        url: "http://127.0.0.1:1",
        rune: SELLER_RUNE,
        fetch: async () => Response.json(body, { status: 201 }),
      });
      const states = { paid: "settled", unpaid: "open", expired: "expired" };
      for (const { response } of readMethod("listinvoices").examples) {
        for (const invoice of (response as { invoices: { payment_hash: string; status: "paid" }[] }).invoices) {
          const provider = createCln(answering({ invoices: [invoice] }));
          const state = await provider.lookupInvoice({ paymentHash: invoice.payment_hash });
          expect(state.status).toBe(states[invoice.status]);
          if (state.status === "settled") expect(state.preimage).toMatch(/^[0-9a-f]{64}$/);
        }
      }
      const outcomes = { complete: "paid", pending: "unknown", failed: "failed" };
      for (const { response } of readMethod("listpays").examples) {
        for (const payment of (response as { pays: { payment_hash: string; status: "failed" }[] }).pays) {
          const wallet = createClnWallet(answering({ pays: [payment] }));
          const { status } = await wallet.lookupPayment(payment.payment_hash);
          expect(status).toBe(outcomes[payment.status]);
        }
      }
    });
  },
);
