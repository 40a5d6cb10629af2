/** Decides whether a client may get one more invoice. The paywall asks before it creates an invoice. */
export interface ChallengeLimiter {
  take(clientKey: string | undefined): Promise<ChallengeAllowance> | ChallengeAllowance;
  /**
   * Gives back the place of an invoice that was paid. The paywall calls it once a payment, when the first use of a counted
   * token is kept, with the key of that request, and does not wait for it. It must never let anybody have more than if
   * nothing had been taken. Without this method, paid invoices count too.
   */
  giveBack?(clientKey: string | undefined): Promise<void> | void;
}

export type ChallengeAllowance = { allowed: true } | { allowed: false; retryAfterSeconds: number };
