import type { L402Error } from "../errors.ts";
import type { PaymentEvent } from "../interfaces/payment-log.ts";
import type { TokenClaims } from "../interfaces/token-format.ts";
import type { PaywallSettings } from "./options.ts";
import type { Granted, Payment, RequestEnd } from "./paywall.ts";
import { GRANTED_HEADERS } from "./reply.ts";
import type { TakenUses } from "./take-uses.ts";
import { asL402Error } from "./time-limit.ts";

export function grant(settings: PaywallSettings, claims: TokenClaims, uses: TakenUses, method: string): Granted {
  const { paymentHash, amountMsat, resource } = claims;
  const payment: Payment = { paymentHash, amountMsat, resource };
  if (settings.logs.length > 0) writeDown(settings, { ...payment, paidAt: settings.clock() });
  if (uses.remaining !== undefined) payment.remainingUses = uses.remaining;
  settings.emit?.({ type: "granted", ...payment });

  let finished: Promise<void> | undefined;
  return {
    outcome: "granted",
    payment,
    headers: GRANTED_HEADERS,
    finish(end) {
      finished ??= isGivenBack(end, method)
        ? uses.release().then(
            () => settings.emit?.({ type: "released", resource, paymentHash }),
            (error: L402Error) => settings.report({ type: "failed", what: "release", error }),
          )
        : KEPT;
      return finished;
    },
  };
}

/** One promise for every request that keeps its use, because nearly all do. */
const KEPT = Promise.resolve();

/**
 * Decides whether a request that ended gives its use back: one that was not served or failed does, and so does one
 * whose client left, if it can have changed nothing.
 *
 * SECURITY: any other method stays paid when its client leaves, however its handler ends. Otherwise one payment would
 * buy its side effects again and again (create-paywall.finish.test.ts, "keeps the use").
 */
const isGivenBack = (end: RequestEnd, method: string): boolean =>
  end === "left" ? method === "GET" || method === "HEAD" : end === "unserved" || end >= 500;

/**
 * Writes a payment to all logs. The request does not wait for a log, and a log that fails does not affect the buyer.
 */
function writeDown({ logs, report }: PaywallSettings, event: PaymentEvent): void {
  for (const log of logs) {
    // Each log gets its own copy, so that one log cannot change the event for another.
    new Promise((resolve) => resolve(log.record({ ...event }))).catch((error: unknown) =>
      report({ type: "failed", what: "log", error: asL402Error(error, "LOG_UNAVAILABLE", "The payment log") }),
    );
  }
}
