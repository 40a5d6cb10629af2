import type { L402Error } from "../errors.ts";
import type { PaymentEvent } from "../interfaces/payment-log.ts";
import type { TokenClaims } from "../interfaces/token-format.ts";
import type { PaywallSettings } from "./options.ts";
import type { Granted, Payment } from "./paywall.ts";
import { GRANTED_HEADERS } from "./reply.ts";
import type { TakenUses } from "./take-uses.ts";
import { asL402Error } from "./time-limit.ts";

export function grant(settings: PaywallSettings, claims: TokenClaims, uses: TakenUses): Granted {
  const { paymentHash, amountMsat, resource } = claims;
  const payment: Payment = { paymentHash, amountMsat, resource };
  if (settings.logs.length > 0) writeDown(settings, { ...payment, paidAt: settings.clock() });
  if (uses.remaining !== undefined) payment.remainingUses = uses.remaining;
  settings.emit?.({ type: "granted", ...payment });

  let released = false;
  return {
    outcome: "granted",
    payment,
    headers: GRANTED_HEADERS,
    async release() {
      if (released) return;
      released = true;
      try {
        await uses.release();
        settings.emit?.({ type: "released", resource, paymentHash });
      } catch (error) {
        settings.emit?.({ type: "failed", what: "release", error: error as L402Error });
      }
    },
  };
}

/**
 * Writes a payment to all logs. The request does not wait for a log, and a log that fails does not affect the buyer.
 */
function writeDown({ logs, emit }: PaywallSettings, event: PaymentEvent): void {
  for (const log of logs) {
    // Each log gets its own copy, so that one log cannot change the event for another.
    new Promise((resolve) => resolve(log.record({ ...event }))).catch((error: unknown) =>
      emit?.({ type: "failed", what: "log", error: asL402Error(error, "LOG_UNAVAILABLE", "The payment log") }),
    );
  }
}
