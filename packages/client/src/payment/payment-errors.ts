import { clientError, type L402ErrorOptions } from "@l402/core";
import type { PendingPayment, StoredCredential } from "../state/client-state.ts";

// The errors that say what became of money. Their hints are instructions to whoever repeats the request.

export const UNDER_WAY = "The payment is still under way.";

export const outcomeUnknown = (paymentHash: string, reason: string, options?: { cause: unknown }) =>
  clientError("PAYMENT_OUTCOME_UNKNOWN", `Payment ${paymentHash} may have been made: ${reason}`, options);

export const inSats = (msat: number) => (msat === 1000 ? "1 sat" : `${msat / 1000} sats`);

/** The message names the highest fee: a budget that leaves little for fees is a reason that the wallet cannot know. */
export function failed({ amountMsat, maxFeeMsat }: PendingPayment, reason: string) {
  return clientError(
    "PAYMENT_FAILED",
    `The wallet could not pay ${inSats(amountMsat)} with a fee of at most ${inSats(maxFeeMsat)}: ${reason}`,
  );
}

export const rejected = ({ paymentHash, scope }: StoredCredential, did: string, options?: L402ErrorOptions) =>
  clientError("PAYMENT_REJECTED", `${scope.origin} got payment ${paymentHash}, but ${did}.`, options);

export const lost = (credential: StoredCredential) =>
  rejected(credential, "its answer was lost, and it counted a use", {
    hint: "The credential is used up. Repeat the request to pay again.",
  });

export function undelivered(credential: StoredCredential, cause: unknown) {
  const reason = cause instanceof Error ? cause.message : "The caller gave up.";
  return rejected(credential, `its answer did not arrive: ${reason}`, {
    hint: "Repeat the request: the client sends the credential again and pays nothing.",
    retryable: true,
    cause,
  });
}
