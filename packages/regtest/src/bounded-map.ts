/** A map that forgets its oldest finished entries, so that a process that pays for days does not grow. */
interface BoundedMap<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  values(): IterableIterator<Value>;
}

/** Creates a map that keeps about `capacity` entries. It keeps more only if more than that are unfinished. */
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
      // Delete the key first, so that an entry that is set again becomes the newest.
      entries.delete(key);
      entries.set(key, value);
      // Forget many entries at once, because every pass must skip the unfinished entries.
      if (entries.size > capacity * 1.1) forget();
    },
    values: () => entries.values(),
  };
}
