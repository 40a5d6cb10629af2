/** Uses by key, of tokens that expire in the same minute. */
export interface UseTable {
  readonly size: number;
  /** 0 for keys that are not in it. */
  get(key: string): number;
  /** 0 forgets the key. */
  set(key: string, uses: number): void;
}

/** The simplest one, for Workers; Node has one that takes a quarter of the memory: `quick/use-table.ts`. */
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
