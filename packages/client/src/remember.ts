const REMEMBERED = 10_000;

/** Adds a payment hash to a set of bounded size. A full set is emptied first: only recent hashes are ever needed. */
export function remember(hashes: Set<string>, hash: string): void {
  if (hashes.size > REMEMBERED) hashes.clear();
  hashes.add(hash);
}
