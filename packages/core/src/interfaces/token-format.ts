import type { KeyRing } from "../token/key-ring.ts";

/** How a token is written and how it is proven to be ours. `signedJsonFormat` is the default. */
export interface TokenFormat {
  readonly name: string;
  mint(claims: TokenClaims, keys: KeyRing): string | Promise<string>;
  /**
   * Proves that we minted the token, and reads it. Answers `undefined` for one that we did not mint: forged tokens cost
   * their sender nothing, so they must cost little here, and an error costs much. Throws CREDENTIAL_MALFORMED for a text
   * that cannot be read.
   */
  authenticate(token: string, keys: KeyRing): AuthenticToken | undefined | Promise<AuthenticToken | undefined>;
}

/** What a token says, as minted. */
export interface TokenClaims {
  /** 64 lower-case hex characters. */
  paymentHash: string;
  resource: string;
  amountMsat: number;
  uses: number | "unlimited";
  /** Whole seconds. */
  expiresAt: Date;
  /** 16 random bytes, base64url. */
  tokenId: string;
  /** What the provider looks the invoice up by, where that is not the payment hash; 1 to 128 printable characters. */
  providerRef?: string;
  /** Set on a token whose price was worked out for one request; a token of fixed terms has no such claim. */
  computed?: true;
}

/** A token that we minted, with what its holders added since. A caveat only ever narrows. */
export interface AuthenticToken {
  claims: TokenClaims;
  caveats: readonly Caveat[];
}

export type Caveat =
  | { type: "resource"; resource: string }
  | { type: "expiry"; expiresAt: Date }
  /** `id` tells two sub-tokens of one pass apart; it is derived from the chain, so a holder cannot choose it. */
  | { type: "uses"; uses: number; id: string }
  /** Written by some L402 clients: the preimage that has to come with the token. */
  | { type: "preimage"; preimage: string };
