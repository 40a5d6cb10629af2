/** Decides whether a client may get one more invoice. The paywall asks before it creates an invoice. */
export interface ChallengeLimiter {
  take(clientKey: string | undefined): Promise<ChallengeAllowance> | ChallengeAllowance;
  /**
   * Gives back the place of an invoice that was paid. The paywall calls it once a payment, when the first use of its
   * token is kept, with the key of that request. Without this method, paid invoices count too. A limiter that is empty
   * stays empty: a place given back is never a credit.
   */
  giveBack?(clientKey: string | undefined): Promise<void> | void;
}

export type ChallengeAllowance = { allowed: true } | { allowed: false; retryAfterSeconds: number };
