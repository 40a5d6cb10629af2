import assert from "node:assert/strict";
import { decodeInvoice } from "@l402/bolt11";
import type { PayInvoiceInput, PaymentResult } from "@l402/core";
import { newPreimage } from "../../lightning/ledger.ts";
import { signedBolt11 } from "../../lightning/signed-bolt11.ts";
import { answerOf, expectL402Error, expectNoSecrets, expectPreimage, outcomeOf } from "../expectations.ts";
import { pause } from "../kit-time.ts";
import type { WalletSubject } from "../wallet.ts";

/** Opens the wallet. Its calls check the shape of every answer, and that it contains no secrets. */
export async function openWallet(subject: WalletSubject) {
  const wallet = await subject.create();
  const { maxFeeMsat = 10_000, patienceSeconds = 3, secrets = [] } = subject;

  return {
    wallet,
    maxFeeMsat,
    patienceSeconds,
    newInvoice: async (amountMsat = 21_000): Promise<{ bolt11: string; paymentHash: string }> =>
      decodeInvoice(await subject.invoice({ amountMsat })),
    /** Pays an invoice. A rejection is a valid answer, if it is an L402Error. */
    async pay(bolt11: string, changes: Partial<PayInvoiceInput> = {}): Promise<PaymentResult | { status: "rejected" }> {
      const outcome = await outcomeOf(
        () => wallet.payInvoice({ bolt11, maxFeeMsat, timeoutSeconds: patienceSeconds, ...changes }),
        patienceSeconds + 1,
      );
      if ("error" in outcome) {
        if (!changes.signal) expectL402Error(outcome.error, /./, secrets);
        return { status: "rejected" };
      }
      expectResult(outcome.answer, secrets);
      return outcome.answer;
    },
    async lookUp(paymentHash: string): Promise<PaymentResult | { status: "not-found" }> {
      const result = await answerOf(() => wallet.lookupPayment(paymentHash), patienceSeconds);
      if (result.status !== "not-found") expectResult(result, secrets);
      return result;
    },
    spent: async () => subject.spentMsat?.(wallet),
  };
}

export type OpenWallet = Awaited<ReturnType<typeof openWallet>>;

/** Creates an invoice of the wallet's network to whose payee there is no route. */
export async function unpayableInvoice(subject: WalletSubject): Promise<{ bolt11: string; paymentHash: string }> {
  const { network, timestamp } = decodeInvoice(await subject.invoice({ amountMsat: 1_000 }));
  const { paymentHash } = newPreimage();
  const fields = { network, paymentHash, amountMsat: 1_000n, description: "nobody", timestamp };
  return { bolt11: signedBolt11(fields), paymentHash };
}

/** Waits for the outcome of a payment that was unknown. */
export async function resolve({ lookUp, patienceSeconds }: OpenWallet, paymentHash: string) {
  const end = performance.now() + patienceSeconds * 1000;
  let result = await lookUp(paymentHash);
  while (result.status === "unknown" && performance.now() < end) {
    await pause(0.1);
    result = await lookUp(paymentHash);
  }
  return result;
}

/** Checks that a payment succeeded, with the true preimage and a fee within its limit. */
export function expectPaid(
  result: { status: string },
  paymentHash: string,
  maxFeeMsat: number,
): asserts result is { status: "paid"; preimage: string; feeMsat: number } {
  assert.equal(result.status, "paid", told(result));
  const { preimage, feeMsat } = result as { preimage?: unknown; feeMsat?: unknown };
  expectPreimage(preimage, paymentHash);
  assert.ok(Number.isSafeInteger(feeMsat) && (feeMsat as number) >= 0, "feeMsat must be a whole number from 0.");
  assert.ok((feeMsat as number) <= maxFeeMsat, `The fee of ${feeMsat} msat is above the limit of ${maxFeeMsat} msat.`);
}

/** Checks that nothing was paid, both in the answer and in the wallet's look-up. */
export async function expectNotPaid(open: OpenWallet, result: { status: string }, paymentHash?: string): Promise<void> {
  assert.ok(result.status === "failed" || result.status === "rejected", told(result));
  if (paymentHash === undefined) return;
  const { status } = await open.lookUp(paymentHash);
  assert.ok(status === "failed" || status === "not-found", `Looking it up answers "${status}".`);
}

/** What a wallet answered, with its reason. */
const told = ({ status, reason }: { status: string; reason?: unknown }): string =>
  `The answer was "${status}"${typeof reason === "string" ? `: ${reason}` : "."}`;

function expectResult(result: PaymentResult, secrets: readonly string[]): void {
  assert.ok(["paid", "failed", "unknown"].includes(result.status), `"${result.status}" is no outcome of a payment.`);
  if (result.status !== "paid") {
    assert.equal(typeof result.reason, "string", "There must be a reason.");
    expectNoSecrets(result, secrets);
  }
}
