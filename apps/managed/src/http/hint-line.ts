const PER_SECOND = 50;
const SPACE_MS = 1_000 / PER_SECOND;
/** How soon the same invoice may be looked at again. */
const REST_MS = 1_000;
const MAX_OF_CLIENT = 200;
const MAX_CLIENTS = 2_000;
/** A node that does not answer is not asked more than this at a time. */
const MAX_UNDER_WAY = 32;

/**
 * Decides when an invoice that somebody says was paid is looked at: at most 50 a second in all, and the same one once a
 * second. What does not fit is left to the sweep, which looks at every invoice anyway.
 *
 * SECURITY: clients take turns, so whoever sends many hints delays another's by the number of clients, and not of hints
 * (hint-line.test.ts, "takes turns").
 */
export function createHintLine(look: (paymentHash: string) => Promise<void>) {
  /** What each client asks for. The client whose last turn is longest ago comes first. */
  const lines = new Map<string, Set<string>>();
  /** When an invoice was looked at last, if that is less than its rest ago. */
  const resting = new Map<string, number>();
  let underWay = 0;
  let lastAt = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function leave(client: string, paymentHash: string): void {
    const line = lines.get(client);
    line?.delete(paymentHash);
    if (line?.size === 0) lines.delete(client);
  }

  /** The first that does not rest, of the client whose turn it is. */
  function takeNext(): string | undefined {
    for (const [client, line] of lines) {
      for (const paymentHash of line) {
        if (resting.has(paymentHash)) continue;
        lines.delete(client);
        lines.set(client, line);
        // One look is for all who have asked before it.
        for (const other of [...lines.keys()]) leave(other, paymentHash);
        return paymentHash;
      }
    }
    return undefined;
  }

  /** Until the next look, or until somebody may have rested. */
  const waitMs = (now: number) => (now - lastAt < SPACE_MS ? Math.ceil(lastAt + SPACE_MS - now) : SPACE_MS);

  function goOn(): void {
    timer = undefined;
    const now = performance.now();
    for (const [paymentHash, at] of resting) {
      if (now - at < REST_MS) break;
      resting.delete(paymentHash);
    }
    const next = underWay < MAX_UNDER_WAY && now - lastAt >= SPACE_MS ? takeNext() : undefined;
    if (next !== undefined) {
      lastAt = now;
      resting.set(next, now);
      underWay++;
      const end = () => void underWay--;
      look(next).then(end, end);
    }
    if (lines.size > 0) timer = setTimeout(goOn, waitMs(now)).unref();
  }

  return {
    join(client: string, paymentHashes: Iterable<string>): void {
      const line = lines.get(client) ?? new Set();
      for (const paymentHash of paymentHashes) if (line.size < MAX_OF_CLIENT) line.add(paymentHash);
      if (line.size > 0 && lines.size < MAX_CLIENTS) lines.set(client, line);
      if (timer === undefined && lines.size > 0) goOn();
    },
  };
}
