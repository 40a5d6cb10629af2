const METHODS = ["debug", "error", "info", "log", "trace", "warn"] as const;

/** Records console output instead of printing it. `stop` ends this. */
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
