/** A map that forgets its oldest finished entries, so that a process that pays for days does not grow. */
export interface BoundedMap<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  values(): IterableIterator<Value>;
}

/** Makes a map that keeps about `capacity` entries; more only while more than that are not finished. */
export function createBoundedMap<Value>(capacity: number, isFinished: (value: Value) => boolean): BoundedMap<Value> {
  const entries = new Map<string, Value>();

  function forget(): void {
    for (const [key, value] of entries) {
      if (entries.size <= capacity) return;
      if (isFinished(value)) entries.delete(key);
    }
  }

  return {
    get: (key) => entries.get(key),
    set(key, value) {
      // Deleted first: what is set again is young again.
      entries.delete(key);
      entries.set(key, value);
      // In one go for many, because unfinished entries have to be passed over each time.
      if (entries.size > capacity * 1.1) forget();
    },
    values: () => entries.values(),
  };
}
