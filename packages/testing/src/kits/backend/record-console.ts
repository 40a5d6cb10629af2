const METHODS = ["debug", "error", "info", "log", "trace", "warn"] as const;

/** Keeps what is written to the console, in place of writing it. */
export function recordConsole(): { lines: readonly unknown[][]; stop(): void } {
  const lines: unknown[][] = [];
  const before = METHODS.map((method) => [method, console[method]] as const);
  for (const method of METHODS) console[method] = (...words: unknown[]) => void lines.push(words);
  return {
    lines,
    stop() {
      for (const [method, write] of before) console[method] = write;
    },
  };
}
