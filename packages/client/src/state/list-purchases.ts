import type { Purchase } from "../l402-client.ts";
import { type ClientState, type Deal, isValid, requestOf } from "./client-state.ts";

/** Lists the credentials that a client owns, and the payments that may have bought one, without their secrets. */
export function listPurchases({ credentials, pending }: ClientState, now: number): Purchase[] {
  const usable = Object.values(credentials)
    .flat()
    .filter((credential) => credential.usesLeft !== 0 && isValid(credential, now));
  return [
    ...usable.map((credential) => purchaseOf("paid", credential, credential.usesLeft)),
    ...Object.values(pending).map((payment) => purchaseOf("unknown", payment, payment.uses)),
  ];
}

function purchaseOf(
  status: Purchase["status"],
  { scope, paymentHash, amountMsat, validUntil }: Deal,
  usesLeft: number | undefined,
): Purchase {
  const until = validUntil === undefined ? undefined : new Date(validUntil);
  const { resource } = scope;
  return { status, ...requestOf(scope), resource, paymentHash, amountMsat, usesLeft, validUntil: until };
}
