import type { TokenClaims } from "../interfaces/token-format.ts";
import { asL402Error, type Failure, LIMITER_FAILURE, STORE_FAILURE } from "./failure.ts";
import type { PaywallSettings } from "./options.ts";
import type { Granted, Payment, PaywallRequest, RequestEnd } from "./paywall.ts";
import { GRANTED_HEADERS } from "./reply.ts";
import type { TakenUses } from "./take-uses.ts";

/** Grants a request: writes the payment down, and decides at its end whether the uses are given back. */
export function grant(
  settings: PaywallSettings,
  claims: TokenClaims,
  uses: TakenUses,
  request: PaywallRequest,
): Granted {
  const { logs, emit, limiter } = settings;
  const { paymentHash, amountMsat, resource } = claims;
  const { method } = request;
  const payment: Payment = { paymentHash, amountMsat, resource };
  // Each log gets its own event, so that one log cannot change it for another.
  for (const log of logs)
    attempt(settings, "log", LOG_FAILURE, () => log.record({ ...payment, paidAt: settings.clock() }));
  if (uses.remaining !== undefined) payment.remainingUses = uses.remaining;
  emit?.({ type: "granted", ...payment });

  // SECURITY: of the uses of a payment that are kept, only one is the first, so a payment gives back one place
  // (create-paywall.limiter.test.ts, "once a payment").
  const givesBack = limiter?.giveBack && uses.remaining === (claims.uses as number) - 1;
  // Read now, because the address of a connection that is closed is no longer known.
  const clientKey = givesBack ? clientOf(settings, request) : undefined;
  const keep = () => {
    if (givesBack) attempt(settings, "limiter", LIMITER_FAILURE, () => limiter.giveBack?.(clientKey));
    return KEPT;
  };

  // Until the handler has ended; what it leaves to do then is waited for on its own.
  let handled = () => {};
  settings.waitUntil?.(
    new Promise<void>((resolve) => {
      handled = resolve;
    }),
  );
  let finished: Promise<void> | undefined;
  return {
    outcome: "granted",
    payment,
    headers: GRANTED_HEADERS,
    finish(end) {
      handled();
      finished ??= isGivenBack(end, method)
        ? attempt(settings, "release", STORE_FAILURE, async () => {
            await uses.release();
            emit?.({ type: "released", resource, paymentHash });
          })
        : keep();
      return finished;
    },
  };
}

/** One promise for every request that keeps its use, because nearly all do. */
const KEPT = /* @__PURE__ */ Promise.resolve();

/**
 * Decides whether a request that ended gives its use back: one that was not served or failed does, and so does one
 * whose client left, if it can have changed nothing.
 *
 * SECURITY: any other method stays paid when its client leaves, however its handler ends. Otherwise one payment would
 * buy its side effects again and again (create-paywall.finish.test.ts, "keeps the use").
 */
const isGivenBack = (end: RequestEnd, method: string): boolean =>
  end === "left" ? method === "GET" || method === "HEAD" : end === "unserved" || end >= 500;

/** The key of a client, or undefined if the seller's function throws: then only the place of all clients is given back. */
function clientOf({ clientKey }: PaywallSettings, request: PaywallRequest): string | undefined {
  try {
    return clientKey(request);
  } catch {
    return undefined;
  }
}

const LOG_FAILURE: Failure = { what: "The payment log", code: "LOG_UNAVAILABLE" };

/** Does something beside the request. If it fails, the seller hears of it, and the buyer is not affected. */
function attempt(
  { report, waitUntil }: PaywallSettings,
  what: "log" | "limiter" | "release",
  failure: Failure,
  call: () => Promise<void> | void,
): Promise<void> {
  const done = new Promise<void>((resolve) => resolve(call())).catch((error: unknown) =>
    report({ type: "failed", what, error: asL402Error(error, failure) }),
  );
  waitUntil?.(done);
  return done;
}
