/** Does the same with each, so many at once. Answers what went wrong: one that fails takes no others with it. */
export async function inParallel<Item>(
  items: readonly Item[],
  atOnce: number,
  act: (item: Item) => Promise<unknown>,
): Promise<unknown[]> {
  const left = items.values();
  const errors: unknown[] = [];
  const work = async () => {
    // All take from the same iterator.
    for (const item of left) await act(item).catch((error: unknown) => errors.push(error));
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return errors;
}
