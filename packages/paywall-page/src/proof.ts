import { type InvoiceState, isPreimageOf, type TokenClaims } from "@l402/core";
import type { Seals } from "./seal.ts";

const PURPOSE = "receipt";

/** Proofs that an invoice was paid, as they stand in a cookie beside the token. */
export function createProofs(seals: Seals) {
  const receiptText = (token: string, { paymentHash }: TokenClaims) => `${paymentHash}\n${token}`;

  return {
    /** The preimage where the provider reveals it, and else our receipt that the provider said so. */
    of(state: Extract<InvoiceState, { status: "settled" }>, token: string, claims: TokenClaims): string {
      const { preimage } = state;
      return isPreimageOf(preimage, claims.paymentHash)
        ? preimage.toLowerCase()
        : `r${seals.make(PURPOSE, receiptText(token, claims))}`;
    },
    /**
     * SECURITY: a receipt is good for its token and payment only, and is nothing in an Authorization header, where only a
     * preimage counts (unlock.test.ts, "receipt").
     */
    holds: (proof: string, token: string, claims: TokenClaims): boolean =>
      proof.startsWith("r")
        ? seals.holds(PURPOSE, receiptText(token, claims), proof.slice(1))
        : isPreimageOf(proof, claims.paymentHash),
  };
}

export type Proofs = ReturnType<typeof createProofs>;
