import type { InvoiceState, PaywallRequest, TokenClaims } from "@l402/core";
import { CREDENTIAL, dropCookie, PENDING, setCookie } from "./cookies.ts";
import type { PageParts } from "./page-parts.ts";

/** The cookies that a browser gets when its invoice was paid. */
export function cookiesOfPayment(
  { engine, settings, proofs }: PageParts,
  request: PaywallRequest,
  paid: { token: string; claims: TokenClaims; state: Extract<InvoiceState, { status: "settled" }> },
): [string, string][] {
  const { token, claims, state } = paid;
  const maxAgeSeconds = (claims.expiresAt.getTime() - engine.clock().getTime()) / 1000;
  const value = `${token}:${proofs.of(state, token, claims)}`;
  return [
    ...setCookie(request, settings, { name: CREDENTIAL, value, maxAgeSeconds }),
    ...dropCookie(request, settings, PENDING),
  ];
}
