import {
  type Answer,
  type Fields,
  type FoundPayment,
  failed,
  invoiceIn,
  paidResult,
  readFields,
  unknown,
} from "@l402/backend";
import type { PaymentResult } from "@l402/core";

/** The tries to pay, in the answer to `listpays`. */
const triesIn = (answer: Answer): Fields[] =>
  readFields("CLN", answer)
    .list("pays")
    .map((body) => readFields("CLN", { body, fundsMoved: "no" }));

/** Reads the answer to `listpays`. */
export function listedPayment(answer: Answer, paymentHash: string): FoundPayment {
  const tries = triesIn(answer);
  for (const fields of tries)
    if (fields.text("payment_hash") !== paymentHash) throw fields.unknownValue("payment_hash");

  const complete = tries.find((fields) => fields.text("status") === "complete");
  if (complete) return paidBy(complete, "preimage", paymentHash);
  if (tries.length === 0) return { status: "not-found" };
  return tries.every((fields) => fields.text("status") === "failed")
    ? failed("CLN reports that the payment failed.")
    : UNFINISHED;
}

/** The time when the last try began or ended, in ms, according to `listpays`; 0 if it does not say. */
export function lastTriedAt(answer: Answer): number {
  const instants = triesIn(answer).flatMap(({ optionalWhole }) => [
    optionalWhole("created_at") ?? 0,
    optionalWhole("completed_at") ?? 0,
  ]);
  return Math.max(0, ...instants) * 1000;
}

export const UNFINISHED = unknown("CLN has not finished the payment.");

/** Reads the answer to `xpay` or `pay`. Only `pay` sends a status: `xpay` answers when the payment is complete. */
export function completedPayment(answer: Answer, paymentHash: string): PaymentResult {
  const fields = readFields("CLN", answer);
  const status = fields.optionalText("status") ?? "complete";
  if (status !== "complete") return UNFINISHED;
  return paidBy(fields, "payment_preimage", paymentHash);
}

/**
 * Reads a complete payment, as `xpay`, `pay` and `listpays` describe it. The fee is NaN if they do not tell it.
 *
 * SECURITY: an unknown fee does not count as zero (create-cln-wallet.test.ts, "amounts as texts").
 */
function paidBy(fields: Fields, preimage: string, paymentHash: string): PaymentResult {
  const sentMsat = Number(msat(fields, "amount_sent_msat"));
  const amountMsat = Number(msat(fields, "amount_msat") ?? invoiceIn(fields.optionalText("bolt11"))?.amountMsat);
  return paidResult("CLN", paymentHash, fields.find(preimage), Math.max(0, sentMsat - amountMsat));
}

/** Reads an amount in msat. Old versions write "1000msat". */
function msat({ optionalWhole, optionalText }: Fields, path: string): number | undefined {
  const [, digits] = /^(\d{1,15})msat$/.exec(optionalText(path) ?? "") ?? [];
  return digits === undefined ? optionalWhole(path) : Number(digits);
}
