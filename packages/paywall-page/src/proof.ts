import { type InvoiceState, isPreimageOf, type TokenClaims } from "@l402/core";
import type { Seals } from "./seal.ts";

const PURPOSE = "receipt";

/** Creates and checks proofs that an invoice was paid, as a cookie stores them beside the token. */
export function createProofs(seals: Seals) {
  const receiptText = (token: string, { paymentHash }: TokenClaims) => `${paymentHash}\n${token}`;

  return {
    /** The preimage, if the provider reveals it. Otherwise our receipt that the provider reported the payment. */
    of(state: Extract<InvoiceState, { status: "settled" }>, token: string, claims: TokenClaims): string {
      const { preimage } = state;
      return isPreimageOf(preimage, claims.paymentHash)
        ? preimage.toLowerCase()
        : `r${seals.make(PURPOSE, receiptText(token, claims))}`;
    },
    /**
     * Checks a proof.
     *
     * SECURITY: a receipt is valid only for its token and payment. It is not valid in an Authorization header, where
     * only a preimage counts (thief.test.ts, "receipt").
     */
    holds: (proof: string, token: string, claims: TokenClaims): boolean =>
      proof.startsWith("r")
        ? seals.holds(PURPOSE, receiptText(token, claims), proof.slice(1))
        : isPreimageOf(proof, claims.paymentHash),
  };
}

export type Proofs = ReturnType<typeof createProofs>;
