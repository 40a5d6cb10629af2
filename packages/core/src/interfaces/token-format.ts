import type { KeyRing } from "../token/key-ring.ts";

/** Writes tokens, and proves that they are ours. `signedJsonFormat` is the default. */
export interface TokenFormat {
  readonly name: string;
  mint(claims: TokenClaims, keys: KeyRing): string | Promise<string>;
  /**
   * Proves that we minted the token, and reads it. Returns `undefined` for a token that we did not mint: a forged token
   * costs its sender nothing, so refusing it must be cheap, and throwing an error is expensive. Throws
   * CREDENTIAL_MALFORMED for a text that cannot be read.
   */
  authenticate(token: string, keys: KeyRing): AuthenticToken | undefined | Promise<AuthenticToken | undefined>;
}

/** The claims of a token, as it was minted. */
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
  /**
   * The id by which the provider looks the invoice up, if that is not the payment hash; 1 to 128 printable characters.
   */
  providerRef?: string;
  /** Set if the price was computed for one request. A token of fixed terms has no such claim. */
  computed?: true;
}

/** A token that we minted, with the caveats that its holders added. A caveat can only narrow a token. */
export interface AuthenticToken {
  claims: TokenClaims;
  caveats: readonly Caveat[];
}

export type Caveat =
  | { type: "resource"; resource: string }
  | { type: "expiry"; expiresAt: Date }
  /** `id` tells two sub-tokens of one pass apart; it is derived from the chain, so a holder cannot choose it. */
  | { type: "uses"; uses: number; id: string }
  /** The preimage that must come with the token. Some L402 clients add this caveat. */
  | { type: "preimage"; preimage: string };
