import type { InvoiceState, PaywallRequest, TokenClaims } from "@l402/core";
import { CREDENTIAL, PENDING, pagePath, passPathOf, setCookie } from "./cookies.ts";
import type { PageParts } from "./page-parts.ts";

/** The cookie that a browser receives when its invoice was paid. It is shorter than the claim before it. */
export function passCookie(
  { engine, settings, proofs }: PageParts,
  request: PaywallRequest,
  paid: { token: string; claims: TokenClaims; state: Extract<InvoiceState, { status: "settled" }> },
): [string, string][] {
  const { token, claims, state } = paid;
  const maxAgeSeconds = (claims.expiresAt.getTime() - engine.clock().getTime()) / 1000;
  const value = `${token}:${proofs.of(state, token, claims)}`;
  return setCookie({ name: CREDENTIAL, value, path: passPathOf(request, settings), maxAgeSeconds });
}

/** Deletes the claim of a browser that has its pass. */
export const claimCookieOver = ({ settings }: PageParts, request: PaywallRequest): [string, string][] =>
  setCookie({ name: PENDING, value: "", path: pagePath(request, settings), maxAgeSeconds: 0 });
