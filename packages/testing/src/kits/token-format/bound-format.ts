import { type AuthenticToken, createKeyRing, type Secret, type TokenClaims, type TokenFormat } from "@l402/core";

/** A token format together with its keys. */
export interface BoundFormat {
  mint(claims: TokenClaims): string | Promise<string>;
  authenticate(token: string): AuthenticToken | undefined | Promise<AuthenticToken | undefined>;
}

export function bindKeys(format: TokenFormat, secret: Secret): BoundFormat {
  const keys = createKeyRing(secret);
  return { mint: (claims) => format.mint(claims, keys), authenticate: (token) => format.authenticate(token, keys) };
}
