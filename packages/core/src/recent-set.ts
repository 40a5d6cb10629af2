/**
 * Remembers the last texts: at least `atLeast` of them, and at most twice as many. The older half is forgotten at once,
 * because deleting the oldest of a `Set` again and again is slow.
 */
export function createRecentSet(atLeast: number) {
  let recent = new Set<string>();
  let before = recent;
  return {
    has: (text: string) => recent.has(text) || before.has(text),
    add(text: string) {
      recent.add(text);
      if (recent.size < atLeast) return;
      before = recent;
      recent = new Set();
    },
  };
}
