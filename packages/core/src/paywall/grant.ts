import type { L402Error } from "../errors.ts";
import type { TokenClaims } from "../interfaces/token-format.ts";
import type { Emit } from "./events.ts";
import type { PaywallSettings } from "./options.ts";
import type { Granted, Payment, PaywallRequest, RequestEnd } from "./paywall.ts";
import { GRANTED_HEADERS } from "./reply.ts";
import type { TakenUses } from "./take-uses.ts";
import { asL402Error } from "./time-limit.ts";

export function grant(
  settings: PaywallSettings,
  claims: TokenClaims,
  uses: TakenUses,
  request: PaywallRequest,
): Granted {
  const { logs, emit, report, limiter } = settings;
  const { paymentHash, amountMsat, resource } = claims;
  const { method } = request;
  const payment: Payment = { paymentHash, amountMsat, resource };
  // Each log gets its own event, so that one log cannot change it for another.
  for (const log of logs) aside(report, LOG, () => log.record({ ...payment, paidAt: settings.clock() }));
  if (uses.remaining !== undefined) payment.remainingUses = uses.remaining;
  emit?.({ type: "granted", ...payment });

  // SECURITY: of the uses of a payment that are kept, only one is the first, so a payment gives back one place
  // (create-paywall.limiter.test.ts, "once a payment").
  const givesBack = limiter?.giveBack && uses.remaining === (claims.uses as number) - 1;
  // Read now, because the address of a connection that is closed is no longer known.
  const clientKey = givesBack ? clientOf(settings, request) : undefined;
  const keep = () => {
    if (givesBack) aside(report, LIMITER, () => limiter.giveBack?.(clientKey));
    return KEPT;
  };

  let finished: Promise<void> | undefined;
  return {
    outcome: "granted",
    payment,
    headers: GRANTED_HEADERS,
    finish(end) {
      finished ??= isGivenBack(end, method)
        ? uses.release().then(
            () => emit?.({ type: "released", resource, paymentHash }),
            (error: L402Error) => report({ type: "failed", what: "release", error }),
          )
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

const LOG = { what: "log", code: "LOG_UNAVAILABLE", name: "The payment log" } as const;
const LIMITER = { what: "limiter", code: "STORE_UNAVAILABLE", name: "The challenge limiter" } as const;

/** Calls a log or the limiter. The request does not wait for it, and its failure does not affect the buyer. */
function aside(report: Emit, { what, code, name }: typeof LOG | typeof LIMITER, call: () => unknown): void {
  new Promise((resolve) => resolve(call())).catch((error: unknown) =>
    report({ type: "failed", what, error: asL402Error(error, code, name) }),
  );
}
