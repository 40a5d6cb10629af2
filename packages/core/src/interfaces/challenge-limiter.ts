/** Decides whether a client may have one more invoice. Asked before any invoice is created. */
export interface ChallengeLimiter {
  take(clientKey: string | undefined): Promise<ChallengeAllowance> | ChallengeAllowance;
}

export type ChallengeAllowance = { allowed: true } | { allowed: false; retryAfterSeconds: number };
