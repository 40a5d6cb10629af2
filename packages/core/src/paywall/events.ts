import type { L402Error } from "../errors.ts";
import type { Payment } from "./paywall.ts";

/** Describes one event at a paywall, for logs, metrics and traces. No event holds a preimage, a token or a key. */
export type PaywallEvent =
  | { type: "challenged"; resource: string; amountMsat: number; paymentHash: string }
  | ({ type: "granted" } & Payment)
  | { type: "released"; resource: string; paymentHash: string }
  | { type: "denied"; status: number; error: L402Error }
  /** Something beside the request failed; the request itself was not affected. */
  | { type: "failed"; what: "log" | "release"; error: L402Error }
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
  (listener: Emit): Emit =>
  (event) => {
    // An error of the listener is dropped, because there is no one left to report it to.
    new Promise((resolve) => resolve(listener(event))).catch(() => {});
  };
