/**
 * Keeps what a buyer has to remember, as one text that only the client understands: what it bought, what it may have paid
 * for, and what it spent. Buyers that share a store share one budget. Whoever can read the text can use what was bought.
 */
export interface ClientStore {
  /**
   * The text as the last `update` left it, at least as new as every update of this very store that has resolved;
   * `undefined` before the first one. Where others write too, it may be a moment old.
   */
  read(): string | undefined | Promise<string | undefined>;
  /**
   * Replaces the newest text by what `change` makes of it, while nobody else replaces it. `change` may be called again with
   * a newer text; where it throws, nothing is written and its error is passed on. Resolves when the text is kept for
   * good, and rejects when that is not sure: nothing is paid then.
   */
  update(change: (text: string | undefined) => string): Promise<void>;
}
