/** Counts how often a token was used, so that no token is used more often than it was sold for. */
export interface UseStore {
  /**
   * Counts one use atomically. Returns how many uses are left after it, or `false` if the limit was reached before.
   * Rejects if the count is uncertain: the request is then refused.
   */
  consume(use: Use): Promise<number | false> | number | false;
  /** Gives one use back. It never gives back more uses than were taken. */
  release(use: Use): Promise<void> | void;
}

export interface Use {
  key: string;
  limit: number;
  /**
   * After this instant the store may forget the count, and must not grant another use. A key always comes with the same
   * instant.
   */
  expiresAt: Date;
}
