import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { describeToken } from "@l402/core";
import type { KitCase } from "../kit.ts";
import type { ProviderSubject } from "../provider.ts";
import { withSale } from "./open-sale.ts";

/** A complete sale over HTTP: 402, payment, 200, and never 200 without a payment. */
export const providerSaleCases: readonly KitCase<ProviderSubject>[] = [
  {
    name: "sells: 402 with an invoice, and 200 once it is paid",
    safety: true,
    run: (subject) =>
      withSale(subject, async ({ order, pay, askPatiently }) => {
        const { token, invoice } = await order();
        const preimage = await pay(invoice);
        const response = await askPatiently(token, preimage);
        assert.equal(response.status, 200, "A buyer who paid did not get the goods.");
        assert.equal(await response.text(), "the goods");
      }),
  },
  {
    name: "sells a use once: the same credential again is refused",
    safety: true,
    run: (subject) =>
      withSale(subject, async ({ ask, askPatiently, order, pay, sold }) => {
        const { token, invoice } = await order();
        const preimage = await pay(invoice);
        assert.equal((await askPatiently(token, preimage)).status, 200);
        for (const again of [preimage, preimage.toUpperCase()]) assert.equal((await ask(token, again)).status, 402);
        assert.equal(sold(), 1);
      }),
  },
  {
    name: "sells nothing for a preimage or a token that somebody made up",
    safety: true,
    run: (subject) =>
      withSale(subject, async ({ ask, order, pay, sold }) => {
        const [paid, unpaid] = [await order(), await order()];
        const preimage = await pay(paid.invoice);
        const own = randomBytes(32).toString("hex");
        const forged = forge(unpaid.token, own);
        for (const [token, proof] of [
          [unpaid.token, own],
          [unpaid.token, "0".repeat(64)],
          [unpaid.token, unpaid.invoice.paymentHash],
          [unpaid.token, preimage],
          [forged, own],
        ] as const) {
          assert.equal((await ask(token, proof)).status, 401);
        }
        assert.equal(sold(), 0);
      }),
  },
  {
    name: "sells nothing for a token that has expired",
    safety: true,
    run: (subject) =>
      withSale(subject, async ({ ask, order, pay, sold, expire }) => {
        const { token, invoice } = await order();
        const preimage = await pay(invoice);
        expire();
        assert.notEqual((await ask(token, preimage)).status, 200);
        assert.equal(sold(), 0);
      }),
  },
];

/** Forges a token for a payment that the attacker made to himself, with the signature of a real token. */
function forge(token: string, preimage: string): string {
  const text = Buffer.from(token, "base64url").toString();
  const hash = createHash("sha256").update(preimage, "hex").digest("hex");
  const own = String(describeToken(token)?.claims.hash);
  return Buffer.from(text.replace(own, hash)).toString("base64url");
}
