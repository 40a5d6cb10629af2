import { isL402Error, type L402ErrorCode } from "@l402/core";
import { rangeIn } from "./merchants/sendable-range.ts";
import { problemOf } from "./problem.ts";

/** "Refuses" is also what is said of a host on a private network, so that nobody learns which names lead there. */
const ADDRESS: Partial<Record<L402ErrorCode, string>> = {
  PROVIDER_TIMEOUT: "The server of the Lightning Address did not answer in time.",
  PROVIDER_RATE_LIMITED: "The server of the Lightning Address limits the number of requests. Try again later.",
  PROVIDER_BAD_RESPONSE: "The server of the Lightning Address did not return a valid invoice.",
};

/**
 * Why an address gave no invoice, for whoever named it.
 *
 * SECURITY: a sentence of ours for each code: errors name hosts, and are those of the database as well
 * (payout-reasons.test.ts, "nothing of the inside").
 */
export function addressFailure(error: unknown): string {
  const range = rangeIn(error);
  if (range) return `The Lightning Address accepts only amounts from ${range.min} to ${range.max} msat.`;
  const own = problemOf(error)?.detail;
  if (own !== undefined) return own;
  return isL402Error(error)
    ? (ADDRESS[error.code] ?? "The server of the Lightning Address cannot be reached, or refuses the request.")
    : INTERNAL;
}

const INTERNAL = "An internal error of the service occurred.";

const WALLET: Partial<Record<L402ErrorCode, string>> = {
  PROVIDER_UNREACHABLE: "The service's node cannot be reached.",
  PROVIDER_TIMEOUT: "The service's node did not answer in time.",
};

/** Why a payment was refused, for the merchant. The wallet's own words are the operator's. */
export const walletFailure = (error: unknown): string =>
  (isL402Error(error) && WALLET[error.code]) || "The service's node refused the payment.";

/** Of one that the wallet has tried. */
export const PAYMENT_FAILED =
  "The payment failed: there was no route to the payee within the fee limit, or the payee refused the payment.";

/** All that an error says, for the operator. */
export const detailOf = (error: unknown): string =>
  isL402Error(error) ? `${error.message} ${error.hint}`.trim() : String((error as Error | undefined)?.message);
