import { expect } from "vitest";

const MARK = Symbol.for("l402.error");

/** Runs what has to fail, checks that the failure is one of ours, and returns it. */
export function refusalOf(run: () => unknown): Error & { hint: string } {
  let result: unknown;
  try {
    result = run();
  } catch (error) {
    const { name, code, retryable, fundsMoved, [MARK]: mark } = error as Record<string | symbol, unknown>;
    expect([name, code, retryable, fundsMoved, mark]).toEqual(["L402Error", "INVOICE_MALFORMED", false, "no", true]);
    return error as Error & { hint: string };
  }
  throw new Error(`It was not refused: ${String(result)}`);
}
