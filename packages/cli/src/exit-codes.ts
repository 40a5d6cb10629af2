import { isL402Error } from "@l402/core";

/** The exit codes of the command. The help text and the README list them. */
export const EXIT = {
  ok: 0,
  bug: 1,
  usage: 2,
  overBudget: 3,
  notBought: 4,
  outcomeUnknown: 5,
  notServed: 6,
  network: 7,
  stopped: 130,
} as const;

/**
 * SECURITY: the code depends first on whether money moved, so that no script overlooks a payment (exit-codes.test.ts,
 * "what became of the money").
 */
export function exitCodeOf(error: unknown): number {
  if (!isL402Error(error)) return isNetworkFailure(error) ? EXIT.network : EXIT.bug;
  if (error.fundsMoved === "yes") return EXIT.notServed;
  if (error.fundsMoved === "maybe") return EXIT.outcomeUnknown;
  if (error.code === "BUDGET_EXCEEDED") return EXIT.overBudget;
  return error.code === "CONFIG_INVALID" ? EXIT.usage : EXIT.notBought;
}

/** True if `fetch` failed. Its error only says so: the reason is in `cause`. */
function isNetworkFailure(error: unknown): boolean {
  const { name, cause } = (error ?? {}) as { name?: unknown; cause?: { code?: unknown } };
  return (name === "TypeError" && cause !== undefined) || name === "TimeoutError" || typeof cause?.code === "string";
}
