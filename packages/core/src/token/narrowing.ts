/** The ways to narrow a token. */
export interface Narrowing {
  /** Opens only this resource, within those the token opens: the exact resource, such as "GET /weather/today". */
  resource?: string | undefined;
  expiresAt?: Date | undefined;
  uses?: number | undefined;
}

/** The most caveats of a token that may limit uses. Each one has its own count in the store, and costs one call to it. */
export const MAX_USE_CAVEATS = 2;
