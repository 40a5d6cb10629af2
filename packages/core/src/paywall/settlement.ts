import { L402Error } from "../errors.ts";
import type { TokenClaims } from "../interfaces/token-format.ts";
import type { PaywallSettings } from "./options.ts";
import { withinSeconds } from "./time-limit.ts";

const REMEMBERED = 100_000;

/**
 * Asks the provider whether a token's invoice was settled, until it was. For providers where a preimage alone proves
 * nothing.
 *
 * SECURITY: only "settled" passes (create-paywall.provider.test.ts, "preimage known before payment").
 */
export function createSettlementCheck({ provider, providerTimeoutSeconds }: PaywallSettings) {
  const settled = new Set<string>();

  return async ({ paymentHash }: TokenClaims): Promise<void> => {
    if (settled.has(paymentHash)) return;
    const state = await withinSeconds(
      providerTimeoutSeconds,
      (signal) => provider.lookupInvoice({ paymentHash }, { signal }),
      { what: `Provider "${provider.name}"`, code: "PROVIDER_UNREACHABLE", timeoutCode: "PROVIDER_TIMEOUT" },
    );
    if (state?.status !== "settled") {
      // Only an open invoice can still become paid; for the others a new one is the only way.
      throw state?.status === "open"
        ? new L402Error("CREDENTIAL_NOT_SETTLED", "The payment has not arrived yet.", { retryAfterSeconds: 1 })
        : new L402Error("CREDENTIAL_NOT_SETTLED", "The token's invoice was never paid and can no longer be.", {
            retryable: false,
            fundsMoved: "no",
            hint: "Pay the new invoice.",
          });
    }
    if (settled.size >= REMEMBERED) settled.delete(settled.values().next().value as string);
    settled.add(paymentHash);
  };
}
