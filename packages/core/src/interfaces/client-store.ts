/**
 * Stores everything that a buyer has to remember, as one text that only the client understands: the credentials it
 * bought, the payments that may have been made, and the amounts it spent. Buyers that share a store share one budget.
 * Anyone who can read the text can use the credentials.
 */
export interface ClientStore {
  /**
   * Returns the text as the last `update` left it, or `undefined` before the first update. The text is at least as new
   * as every update of this very store that has resolved. If others write too, it may be a moment old.
   */
  read(): string | undefined | Promise<string | undefined>;
  /**
   * Replaces the newest text by the result of `change`, while no other writer can replace it. `change` may be called
   * again with a newer text. If it throws, the text is not written and the error is passed on. Resolves when the text
   * is stored for good. Rejects when that is not certain; the client then pays nothing.
   */
  update(change: (text: string | undefined) => string): Promise<void>;
}
