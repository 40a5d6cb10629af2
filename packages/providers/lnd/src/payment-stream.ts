import { type Answer, paidResult, readFields } from "@l402/backend";
import type { PaymentResult } from "@l402/core";

/** gRPC's words, inside what LND's gateway wraps errors of a stream in. Its own 404 of a wrong path is not wrapped. */
const ALREADY_EXISTS = 6;
const NOT_FOUND = 5;

const errorIn = (answer: Answer) => {
  const { find } = readFields("LND", answer);
  return { code: find("error.code"), message: find("error.message") };
};

/**
 * What it means that LND has no such payment, where it refused to begin with one because of another: "invoice is already
 * paid", "payment is in transition". It looks at the expiry before that, so an expired invoice may have been paid as well.
 */
export function refusalIn(answer: Answer): PaymentResult | undefined {
  const { code, message } = errorIn(answer);
  if (code === ALREADY_EXISTS) return UNCLEAR;
  return typeof message === "string" && message.startsWith("invoice expired") ? EXPIRED : undefined;
}

const UNCLEAR = { status: "unknown", reason: "LND calls the payment a repeated one, and does not find it." } as const;
const EXPIRED = { status: "failed", reason: "The invoice has expired." } as const;

/**
 * SECURITY: a payment that is wrongly taken for one that was never made is made twice
 * (create-lnd-wallet.test.ts, "takes no other 404 for not-found").
 */
export function isNeverMade(answer: Answer): boolean {
  const { code, message } = errorIn(answer);
  return code === NOT_FOUND && typeof message === "string" && message.includes("payment isn't initiated");
}

/** How a payment stands by a line of LND's stream. */
export function paymentIn(answer: Answer, paymentHash: string): PaymentResult {
  const fields = readFields("LND", answer);
  const status = fields.text("result.status");
  if (fields.text("result.payment_hash") !== paymentHash) throw fields.unknownValue("result.payment_hash");
  if (status === "SUCCEEDED") {
    return paidResult("LND", paymentHash, fields.find("result.payment_preimage"), fields.whole("result.fee_msat"));
  }
  if (status === "FAILED") return { status: "failed", reason: reasonFor(fields.optionalText("result.failure_reason")) };
  if (status === "IN_FLIGHT" || status === "INITIATED") {
    return { status: "unknown", reason: "The payment is in flight." };
  }
  throw fields.unknownValue("result.status");
}

const REASONS: Record<string, string> = {
  FAILURE_REASON_TIMEOUT: "LND found no way in time.",
  FAILURE_REASON_NO_ROUTE: "LND found no route to the payee within the fee limit.",
  FAILURE_REASON_INCORRECT_PAYMENT_DETAILS: "The payee refuses the payment: it does not know it, or it is settled.",
  FAILURE_REASON_INSUFFICIENT_BALANCE: "The node's channels have too little balance.",
  FAILURE_REASON_CANCELED: "The payment was canceled.",
};

const reasonFor = (reason = ""): string =>
  (Object.hasOwn(REASONS, reason) && REASONS[reason]) || "LND calls the payment failed.";
