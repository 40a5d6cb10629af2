/** Decides whether a client may get one more invoice. The paywall asks before it creates an invoice. */
export interface ChallengeLimiter {
  take(clientKey: string | undefined): Promise<ChallengeAllowance> | ChallengeAllowance;
}

export type ChallengeAllowance = { allowed: true } | { allowed: false; retryAfterSeconds: number };
