const SECOND = 1000;
/** An open page asks at least every two seconds. Whoever did not ask for this long has gone. */
const PATIENCE_MS = 3 * SECOND;

interface Place {
  paymentHash: string;
  client: string;
  askedAt: number;
}

/**
 * Decides which invoices may be looked up now, if more are asked about than the provider should answer in a second.
 *
 * SECURITY: whoever is refused waits in line, with one place for each invoice, and each second belongs to those who
 * wait longest. The clients take turns, and then the invoices of each client. So an attacker with many invoices
 * delays a visitor who paid, and cannot keep the visitor out (status.test.ts, "a visitor who paid"). The delay grows
 * with the number of clients that the attacker can pretend to be.
 */
export function createLookupLine(perSecond: number) {
  const places = new Map<string, Place>();
  /** The places of each client. The client whose last turn is longest ago comes first. */
  const lines = new Map<string, Set<Place>>();
  let second = Number.NaN;
  let called = new Set<Place>();
  let free = 0;

  function beginSecond(now: number): void {
    // This also bounds the memory: only those who asked in the last seconds have a place.
    for (const place of places.values()) if (Math.abs(now - place.askedAt) > PATIENCE_MS) leave(place);
    called = new Set();
    for (const place of inTurn(lines.values())) {
      if (called.size === perSecond) break;
      called.add(place);
    }
    free = perSecond - called.size;
  }

  function join(place: Place): Place {
    places.set(place.paymentHash, place);
    lines.set(place.client, (lines.get(place.client) ?? new Set()).add(place));
    return place;
  }

  function leave(place: Place): void {
    places.delete(place.paymentHash);
    const line = lines.get(place.client);
    line?.delete(place);
    if (line?.size === 0) lines.delete(place.client);
  }

  function moveToEnd(client: string): void {
    const line = lines.get(client);
    if (line && lines.delete(client)) lines.set(client, line);
  }

  /** True if the invoice may be looked up now. Otherwise it has a place in the line. */
  return function mayLookUp(paymentHash: string, client: string, now: number): boolean {
    const current = Math.floor(now / SECOND);
    if (current !== second) beginSecond(now);
    second = current;
    const place = places.get(paymentHash) ?? join({ paymentHash, client, askedAt: now });
    place.askedAt = now;
    if (!called.delete(place)) {
      if (free === 0) return false;
      free--;
    }
    leave(place);
    moveToEnd(place.client);
    return true;
  };
}

/** Yields the first place of each line, then the second of each, and so on. */
function* inTurn(lines: Iterable<Set<Place>>): Generator<Place> {
  let rest = Array.from(lines, (line) => line.values());
  while (rest.length > 0) {
    const longer: typeof rest = [];
    for (const line of rest) {
      const { value, done } = line.next();
      if (done) continue;
      yield value;
      longer.push(line);
    }
    rest = longer;
  }
}
