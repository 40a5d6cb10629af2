import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { verifyInvoice } from "@l402/bolt11/signature";
import { errorOf, expectL402Error, outcomeOf } from "../expectations.ts";
import type { KitCase } from "../kit.ts";
import type { ProviderSubject } from "../provider.ts";
import { ORDER, openProvider } from "./open-provider.ts";

/** The BOLT11 of an invoice matches the order. */
export const providerInvoiceCases: readonly KitCase<ProviderSubject>[] = [
  {
    name: "has a name, and says whether a preimage proves payment",
    safety: true,
    async run(subject) {
      const { provider } = await openProvider(subject);
      assert.match(provider.name, /^\S/);
      assert.equal(typeof provider.preimageProvesPayment, "boolean");
    },
  },
  {
    name: "creates invoices for exactly the amount that was asked for",
    safety: true,
    async run(subject) {
      const { order } = await openProvider(subject);
      for (const amountMsat of [1_000, 21_000, 1_234_000, 50_000_000]) {
        const { invoice, decoded } = await order({ amountMsat });
        assert.equal(decoded.amountMsat, BigInt(amountMsat), "The BOLT11 is for another amount.");
        assert.equal(invoice.amountMsat, amountMsat);
      }
    },
  },
  {
    name: "never rounds a fraction of a sat: the invoice is exact, or it is refused",
    safety: true,
    async run(subject) {
      const { order, patienceSeconds } = await openProvider(subject);
      for (const amountMsat of [1, 999, 1_500, 20_999]) {
        const outcome = await outcomeOf(() => order({ amountMsat }), patienceSeconds + 1);
        if ("error" in outcome) expectL402Error(outcome.error, /^PROVIDER_/, subject.secrets);
        else assert.equal(outcome.answer.decoded.amountMsat, BigInt(amountMsat), "The amount was rounded.");
      }
    },
  },
  {
    // Some backends turn such an amount into an invoice without an amount, which one millisatoshi would pay.
    name: "refuses an amount that is not a whole number above zero",
    safety: true,
    async run(subject) {
      const { provider, patienceSeconds } = await openProvider(subject);
      for (const amountMsat of [0, -1_000, 1_000.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60]) {
        const error = await errorOf(
          () => provider.createInvoice({ ...ORDER, amountMsat }),
          `An invoice was created for ${amountMsat} msat.`,
          patienceSeconds,
        );
        expectL402Error(error, /^(PROVIDER_REJECTED|CONFIG_INVALID)$/, subject.secrets);
      }
    },
  },
  {
    name: "names the payment hash of the BOLT11, in lower-case hex",
    safety: true,
    async run(subject) {
      const { invoice, decoded } = await (await openProvider(subject)).order();
      assert.match(invoice.paymentHash, /^[0-9a-f]{64}$/);
      assert.equal(invoice.paymentHash, decoded.paymentHash, "The BOLT11 has another payment hash.");
    },
  },
  {
    name: "creates invoices on its network, with a valid signature",
    safety: true,
    async run(subject) {
      const { invoice, decoded } = await (await openProvider(subject)).order();
      assert.equal(decoded.network, subject.network);
      assert.match(verifyInvoice(invoice.bolt11).payee, /^0[23][0-9a-f]{64}$/);
    },
  },
  {
    name: "creates another invoice every time",
    safety: true,
    async run(subject) {
      const { order } = await openProvider(subject);
      const [one, other] = [await order(), await order()];
      assert.notEqual(one.invoice.paymentHash, other.invoice.paymentHash);
      assert.notEqual(one.invoice.bolt11, other.invoice.bolt11);
    },
  },
  {
    name: "creates invoices in parallel without mixing them up",
    safety: true,
    async run(subject) {
      const { order } = await openProvider(subject);
      const amounts = Array.from({ length: 10 }, (_, i) => (i + 1) * 1_000);
      const orders = await Promise.all(amounts.map((amountMsat) => order({ amountMsat })));
      const invoiced = orders.map(({ decoded }) => Number(decoded.amountMsat));
      assert.deepEqual(invoiced, amounts);
      assert.equal(new Set(orders.map(({ invoice }) => invoice.paymentHash)).size, amounts.length);
    },
  },
  {
    name: "creates invoices that expire when they should",
    safety: false,
    async run(subject) {
      const { order } = await openProvider(subject);
      const { clock = () => new Date() } = subject;
      for (const expiresInSeconds of [600, 3600]) {
        const { decoded } = await order({ expiresInSeconds });
        const difference = (decoded.expiresAt.getTime() - clock().getTime()) / 1000 - expiresInSeconds;
        assert.ok(Math.abs(difference) <= 60, `The invoice expires ${difference} s later than asked for.`);
      }
    },
  },
  {
    name: "says of an invoice that it expires when its BOLT11 does",
    safety: false,
    async run(subject) {
      const { invoice, decoded } = await (await openProvider(subject)).order();
      const difference = (invoice.expiresAt.getTime() - decoded.expiresAt.getTime()) / 1000;
      assert.ok(Math.abs(difference) <= 2, `expiresAt is ${difference} s later than the BOLT11 says.`);
    },
  },
  {
    name: "carries the description to the payer, or its hash",
    safety: false,
    async run(subject) {
      const { order } = await openProvider(subject);
      for (const description of ["GET /weather", 'A "quoted" thing, 100 % of it', "Tee für zwei ☕🍵"]) {
        const { decoded } = await order({ description });
        const hash = createHash("sha256").update(description).digest("hex");
        assert.equal(decoded.descriptionHash ?? decoded.description, decoded.descriptionHash ? hash : description);
      }
    },
  },
];
