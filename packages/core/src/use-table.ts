/** Counts uses by key, for tokens that expire in the same minute. */
export interface UseTable {
  readonly size: number;
  /** The count of a key; 0 if the key is not in the table. */
  get(key: string): number;
  /** Sets the count of a key; 0 removes the key. */
  set(key: string, uses: number): void;
}

/** Makes the simplest table, for Workers. Node uses one that takes a quarter of the memory: `quick/packed-use-table.ts`. */
export function createUseMap(): UseTable {
  const counts = new Map<string, number>();
  return {
    get size() {
      return counts.size;
    },
    get: (key) => counts.get(key) ?? 0,
    set: (key, uses) => (uses ? counts.set(key, uses) : counts.delete(key)),
  };
}
