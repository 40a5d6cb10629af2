import { clientError, type L402ErrorOptions } from "@l402/core";
import type { PendingPayment, StoredCredential } from "./client-state.ts";

// The errors that say what became of money. Their hints are instructions to whoever repeats the request.

export const UNDER_WAY = "It is still under way.";

export const outcomeUnknown = (paymentHash: string, reason: string, options?: { cause: unknown }) =>
  clientError("PAYMENT_OUTCOME_UNKNOWN", `Payment ${paymentHash} may have been made: ${reason}`, {
    hint: "Repeat the request later, or call resume(): both ask the wallet. Pay by no other way meanwhile.",
    ...options,
  });

/** The message names the highest fee: a budget that leaves little for fees is a reason that the wallet cannot know. */
export function failed({ amountMsat, maxFeeMsat }: PendingPayment, reason: string) {
  const inSats = (msat: number) => `${msat / 1000} sats`;
  return clientError(
    "PAYMENT_FAILED",
    `The wallet could not pay ${inSats(amountMsat)} with a fee of at most ${inSats(maxFeeMsat)}: ${reason}`,
  );
}

export const rejected = ({ paymentHash, scope }: StoredCredential, did: string, options?: L402ErrorOptions) =>
  clientError("PAYMENT_REJECTED", `${scope.origin} took the payment ${paymentHash} and ${did}.`, {
    hint: `The credential is kept, and requests for ${scope.key} show it again. To pay again, forget({ paymentHash }) first.`,
    ...options,
  });

export const gone = (credential: StoredCredential) =>
  rejected(credential, "counted its use, but its answer did not arrive", {
    hint: "It is used up. Repeat the request to pay again.",
  });

export function undelivered(credential: StoredCredential, cause: unknown) {
  const reason = cause instanceof Error ? cause.message : "The caller gave up.";
  return rejected(credential, `its answer did not arrive: ${reason}`, {
    hint: "Repeat the request: it shows the credential again, and pays nothing.",
    retryable: true,
    cause,
  });
}
