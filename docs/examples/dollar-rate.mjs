/**
 * Dollars for a bitcoin: asked for once a minute, and nobody waits for it. While the source is down, the last answer is good for a
 * quarter of an hour; then nothing is sold until there is a new one.
 */
export function createDollarRate(
  askDollars,
  { freshMs = 60_000, longestMs = 900_000, now = () => performance.now() } = {},
) {
  let last; // { dollars, at }
  let asking;
  const age = () => (last ? now() - last.at : Number.POSITIVE_INFINITY);
  async function ask() {
    const dollars = await askDollars();
    if (!(dollars > 1_000 && dollars < 100_000_000)) throw new Error("That is no price of a bitcoin.");
    last = { dollars, at: now() };
  }
  return async () => {
    if (age() > freshMs) {
      asking ??= ask().finally(() => {
        asking = undefined;
      });
      asking.catch(() => {}); // the next request asks again
      if (age() > longestMs) await asking;
    }
    return last.dollars;
  };
}
