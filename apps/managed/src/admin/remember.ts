/** Answers what was found out a moment ago, so that a page that is looked at often costs little. */
export function remember<Result>(find: () => Promise<Result>, forMs: number) {
  let known: { answer: Promise<Result>; at: number } | undefined;
  return (): Promise<Result> => {
    if (known && performance.now() - known.at < forMs) return known.answer;
    const answer = find();
    known = { answer, at: performance.now() };
    answer.catch(() => {
      known = undefined;
    });
    return answer;
  };
}
