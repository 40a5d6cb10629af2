import { decodeInvoice } from "@l402/core";
import { afterAll, describe, expect, it } from "vitest";
import { createBtcpay, createBtcpayWallet } from "../src/index.ts";
import { fakeBtcpay, PAY_KEY, RECEIVE_KEY, STORE } from "./fake-btcpay.ts";
import { hasContracts, mismatches, problemsOf, readSwagger } from "./swagger.ts";
import { event } from "./webhook-event.ts";

const ORDER = { amountMsat: 21_000, description: "tea", expiresInSeconds: 600 };

describe.skipIf(!hasContracts)(
  `BTCPay's own description of its API${hasContracts ? "" : " (skipped: the vendor contracts are not here)"}`,
  () => {
    for (const node of ["lnd", "cln"] as const) {
      it(`describes everything that is asked and answered in these tests, with ${node}`, async () => {
        const swagger = readSwagger();
        const btcpay = await fakeBtcpay({ node });
        afterAll(btcpay.close);
        const provider = createBtcpay({
          url: btcpay.url,
          storeId: STORE,
          apiKey: RECEIVE_KEY,
          privateRouteHints: true,
        });
        const wallet = createBtcpayWallet({ url: btcpay.url, storeId: STORE, apiKey: PAY_KEY });
        const pay = async (fault?: "failed" | "unknown-stuck") => {
          if (fault) btcpay.lightning.next("payInvoice", fault);
          const { bolt11 } = await btcpay.lightning.provider.createInvoice(ORDER);
          await wallet.payInvoice({ bolt11, maxFeeMsat: 10_000 });
          await wallet.lookupPayment(decodeInvoice(bolt11).paymentHash);
        };

        const invoice = await provider.createInvoice(ORDER);
        await provider.lookupInvoice(invoice);
        btcpay.settle(invoice.paymentHash);
        await provider.lookupInvoice(invoice);
        const late = await provider.createInvoice(ORDER);
        btcpay.clock.advanceSeconds(601);
        await provider.lookupInvoice(late);
        for (const fault of [undefined, "failed", "unknown-stuck"] as const) await pay(fault);
        await wallet.lookupPayment("ab".repeat(32));

        expect(btcpay.exchanges.flatMap((exchange) => problemsOf(swagger, exchange))).toEqual([]);
        const statuses = new Set(btcpay.exchanges.map(({ reply }) => reply.status));
        expect(statuses).toEqual(new Set([200, 202, 400, 404]));
      });
    }

    it("notices mistakes, which shows that it is read", async () => {
      const swagger = readSwagger();
      const exchange = {
        method: "POST",
        path: `/api/v1/stores/${STORE}/lightning/BTC/invoices`,
        headers: {},
        body: JSON.stringify({ amount: 21_000, description: "tea", expiry: "600", memo: "tea" }),
        reply: { status: 201, body: {} },
      };
      expect(problemsOf(swagger, exchange)).toEqual([
        "request.amount is not of the type string",
        "request.expiry is not of the type integer",
        "request.memo is not described",
        "it does not answer 201",
      ]);
      expect(problemsOf(swagger, { ...exchange, path: "/invoice" })).toEqual(["POST /invoice is no operation"]);
    });

    it("describes the webhook of these tests", () => {
      const swagger = readSwagger();
      const schema = { $ref: "#/components/schemas/WebhookInvoiceSettledEvent" };
      expect(mismatches(swagger, schema, event, "event")).toEqual([]);
    });
  },
);
