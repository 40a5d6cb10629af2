/** Lets concurrent calls with the same key share one run, because some backends would carry out each of them. */
export function createOngoing<Result>() {
  const ongoing = new Map<string, Promise<Result>>();

  return function once(key: string, run: () => Promise<Result>): Promise<Result> {
    const same = ongoing.get(key);
    if (same) return same;
    const attempt = run().finally(() => ongoing.delete(key));
    ongoing.set(key, attempt);
    return attempt;
  };
}
