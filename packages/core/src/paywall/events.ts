import type { L402Error } from "../errors.ts";
import type { Clock } from "../interfaces/clock.ts";
import type { Payment } from "./paywall.ts";

/** Describes one event at a paywall, for logs, metrics and traces. No event holds a preimage, a token or a key. */
export type PaywallEvent =
  | { type: "challenged"; resource: string; amountMsat: number; paymentHash: string }
  | ({ type: "granted" } & Payment)
  | { type: "released"; resource: string; paymentHash: string }
  | { type: "denied"; status: number; error: L402Error }
  /** Something beside the request failed; the request itself was not affected. */
  | { type: "failed"; what: "log" | "release" | "limiter"; error: L402Error }
  /**
   * The seller's terms function threw or took too long. `thrown` is the seller's own value, passed on as it is, and may
   * contain anything: look at it before you log it.
   */
  | { type: "failed"; what: "terms"; error: L402Error; thrown: unknown };

export type Emit = (event: PaywallEvent) => void;

/**
 * SECURITY: a listener that throws or rejects must not fail a request, nor end the process (create-paywall.test.ts,
 * "cannot break a request").
 */
export const safely =
  <Event>(listener: (event: Event) => void) =>
  (event: Event): void => {
    // An error of the listener is dropped, because there is no one left to report it to.
    new Promise((resolve) => resolve(listener(event))).catch(() => {});
  };

/**
 * Prints what fails, for a seller without `onEvent`: each error code once a minute. Otherwise a paywall that cannot sell
 * would be silent, because buyers are not told the reason.
 *
 * SECURITY: an error of the terms function can quote a buyer, so control characters are removed
 * (create-paywall.print.test.ts, "escape codes").
 */
export function createFailurePrinter(clock: Clock): Emit {
  const printedAt = new Map<string, number>();
  return (event) => {
    if (!("error" in event)) return;
    const { code, message, hint } = event.error;
    const now = clock().getTime();
    if (Math.abs(now - (printedAt.get(code) ?? 0)) < 60_000) return;
    printedAt.set(code, now);
    const thrown = "thrown" in event && event.thrown instanceof Error ? `\n${event.thrown.stack}` : "";
    // The hints of other codes are for buyers.
    const advice = /^(PROVIDER|LOG|TOO)_/.test(code) ? ` ${hint}` : "";
    console.error(`l402: ${code}: ${message}${advice}${thrown}`.replace(/[^\P{C}\n]/gu, "").replaceAll("\n", "\n  "));
  };
}
