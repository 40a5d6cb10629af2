const MAX_KNOWN = 10_000;

/** Keys that have opened an account, so that whoever has one does not wait for those who make keys up. */
export function createKnownKeys() {
  // Those that were not used for longest come first.
  const keys = new Set<string>();

  return {
    has: (key: string) => keys.has(key),
    forget: (key: string) => void keys.delete(key),
    remember(key: string): void {
      keys.delete(key);
      keys.add(key);
      if (keys.size > MAX_KNOWN) keys.delete(keys.values().next().value as string);
    },
  };
}
