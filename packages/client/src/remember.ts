const REMEMBERED = 10_000;

/** Adds a hash to those that are known, which are as many as anybody needs to know at a time. */
export function remember(hashes: Set<string>, hash: string): void {
  if (hashes.size > REMEMBERED) hashes.clear();
  hashes.add(hash);
}
