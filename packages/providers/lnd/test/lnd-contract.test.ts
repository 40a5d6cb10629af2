import { describe, expect, it } from "vitest";
import { createLnd, createLndWallet } from "../src/index.ts";
import { BUYER_MACAROON, type Exchange, fakeLnd, SELLER_MACAROON } from "./fake-lnd.ts";
import { hasContracts, problemsOf, readSwagger } from "./swagger.ts";

const ORDER = { amountMsat: 21_000, description: "tea ☕", expiresInSeconds: 600 };

describe.skipIf(!hasContracts)(
  `LND's own description of its API${hasContracts ? "" : " (skipped: the vendor contracts are not here)"}`,
  () => {
    it("describes everything that is asked and answered in these tests", async () => {
      const lnd = await fakeLnd();
      const provider = createLnd({ url: lnd.url, macaroon: SELLER_MACAROON, privateRouteHints: true });
      const wallet = createLndWallet({ url: lnd.url, macaroon: BUYER_MACAROON });

      const invoice = await provider.createInvoice(ORDER);
      await provider.lookupInvoice(invoice);
      lnd.lightning.settle(invoice.paymentHash);
      await provider.lookupInvoice(invoice);
      const late = await provider.createInvoice(ORDER);
      lnd.clock.advanceSeconds(601);
      await provider.lookupInvoice(late);
      await provider.lookupInvoice({ paymentHash: "ab".repeat(32) }).catch(() => {});

      for (const fault of [undefined, "failed"] as const) {
        if (fault) lnd.lightning.next("payInvoice", fault);
        const { bolt11, paymentHash } = await lnd.lightning.provider.createInvoice(ORDER);
        for (let i = 0; i < 2; i++) await wallet.payInvoice({ bolt11, maxFeeMsat: 10_000 });
        await wallet.lookupPayment(paymentHash);
      }
      await wallet.lookupPayment("ab".repeat(32));
      await wallet.balanceMsat();
      await wallet.payInvoice({ bolt11: late.bolt11, maxFeeMsat: 1 }).catch(() => {});
      await lnd.close();

      const swagger = readSwagger();
      expect(lnd.exchanges.flatMap((exchange) => problemsOf(swagger, exchange))).toEqual([]);
      expect(new Set(lnd.exchanges.map(({ status }) => status))).toEqual(new Set([200, 404, 409, 500]));
      expect(new Set(lnd.exchanges.map(({ route }) => route.replace(/[^/]{40,}/, "…")))).toEqual(
        new Set([
          ...["POST /v1/invoices", "GET /v1/invoice/…", "POST /v2/router/send", "GET /v2/router/track/…"],
          "GET /v1/balance/channels",
        ]),
      );
    });

    it.each<[string, Partial<Exchange>]>([
      ["an operation", { route: "PUT /v1/invoices" }],
      ["a field", { request: { amount: "1" } }],
      ["a number for 64 bits", { request: { value_msat: 21_000 } }],
      ["a type", { request: { private: "true" } }],
      ["hex for bytes", { answers: [{ r_hash: `${"ab".repeat(31)}é` }] }],
    ])("notices a mistake in %s, which shows that it is read", (_, mistake) => {
      const exchange = { route: "POST /v1/invoices", status: 200, request: {}, answers: [{}] };
      expect(problemsOf(readSwagger(), exchange)).toEqual([]);
      expect(problemsOf(readSwagger(), { ...exchange, ...mistake })).toHaveLength(1);
    });
  },
);
