/** Counts how often a token was used, so that none is used more often than it was sold for. */
export interface UseStore {
  /**
   * Atomically counts one use. Answers how many are left after it, or `false` when the limit was reached before.
   * Rejects when unsure: the request is then refused.
   */
  consume(use: Use): Promise<number | false> | number | false;
  /** Gives one use back, never more than were taken. */
  release(use: Use): Promise<void> | void;
}

export interface Use {
  key: string;
  limit: number;
  /**
   * After this instant the count may be forgotten, and a use must not be granted any more. A key always comes with the
   * same instant.
   */
  expiresAt: Date;
}
