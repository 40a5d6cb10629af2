import { isL402Error } from "@l402/core";

/** What the shell gets to know. */
export const EXIT = {
  ok: 0,
  usage: 2,
  overBudget: 3,
  paymentFailed: 4,
  outcomeUnknown: 5,
  refusedAfterPayment: 6,
  network: 7,
} as const;

export function exitCodeOf(error: unknown): number {
  if (!isL402Error(error)) return EXIT.network;
  switch (error.code) {
    case "CONFIG_INVALID":
    case "BODY_NOT_REPLAYABLE":
      return EXIT.usage;
    case "BUDGET_EXCEEDED":
    case "PAYMENT_DECLINED":
      return EXIT.overBudget;
    case "PAYMENT_OUTCOME_UNKNOWN":
      return EXIT.outcomeUnknown;
    case "PAYMENT_REJECTED":
      return EXIT.refusedAfterPayment;
    default:
      return EXIT.paymentFailed;
  }
}
