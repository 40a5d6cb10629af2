import { type Answer, failed, paidResult, readFields, unknown } from "@l402/backend";
import type { PaymentResult } from "@l402/core";

/**
 * gRPC's codes. LND's gateway wraps a stream's errors in an object with such a code, but not its 404 for a wrong path.
 */
const ALREADY_EXISTS = 6;
const NOT_FOUND = 5;

const errorIn = (answer: Answer) => {
  const { find } = readFields("LND", answer);
  return { code: find("error.code"), message: find("error.message") };
};

/**
 * The outcome if LND refused to begin a payment and a look-up then finds no such payment. LND refuses because of an
 * earlier payment ("invoice is already paid", "payment is in transition") or because the invoice has expired. It checks
 * the expiry first, so an expired invoice may have been paid before.
 */
export function refusalIn(answer: Answer): PaymentResult | undefined {
  const { code, message } = errorIn(answer);
  if (code === ALREADY_EXISTS) return UNCLEAR;
  return typeof message === "string" && message.startsWith("invoice expired") ? EXPIRED : undefined;
}

const UNCLEAR = unknown("LND refused the payment as a repeated one, but cannot find the earlier payment.");
const EXPIRED = failed("The invoice has expired.");

/**
 * True if LND says that it never made the payment.
 *
 * SECURITY: a payment that is wrongly taken for one that was never made is made twice (create-lnd-wallet.test.ts,
 * "takes no other 404 for not-found").
 */
export function isNeverMade(answer: Answer): boolean {
  const { code, message } = errorIn(answer);
  return code === NOT_FOUND && typeof message === "string" && message.includes("payment isn't initiated");
}

/** Reads the state of a payment from a line of LND's stream. */
export function paymentIn(answer: Answer, paymentHash: string): PaymentResult {
  const fields = readFields("LND", answer);
  const status = fields.text("result.status");
  if (fields.text("result.payment_hash") !== paymentHash) throw fields.unknownValue("result.payment_hash");
  if (status === "SUCCEEDED") {
    return paidResult("LND", paymentHash, fields.find("result.payment_preimage"), fields.whole("result.fee_msat"));
  }
  if (status === "FAILED") return failed(reasonFor(fields.optionalText("result.failure_reason")));
  if (status === "IN_FLIGHT" || status === "INITIATED") return unknown("LND has not finished the payment.");
  throw fields.unknownValue("result.status");
}

const REASONS: Record<string, string> = {
  FAILURE_REASON_TIMEOUT: "LND could not complete the payment in time.",
  FAILURE_REASON_NO_ROUTE: "LND found no route to the payee within the fee limit.",
  FAILURE_REASON_INCORRECT_PAYMENT_DETAILS:
    "The payee refused the payment: the payee does not know the invoice, or the invoice was already paid.",
  FAILURE_REASON_INSUFFICIENT_BALANCE: "The channels of the LND node have too little balance for this payment.",
  FAILURE_REASON_CANCELED: "The payment was canceled on the LND node.",
};

const reasonFor = (reason = ""): string =>
  (Object.hasOwn(REASONS, reason) && REASONS[reason]) || "LND reports that the payment failed.";
