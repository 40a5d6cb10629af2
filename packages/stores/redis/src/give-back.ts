/** Four minutes in all, because Redis takes nothing back that is nine minutes late (use-scripts.ts). */
const PAUSES_SECONDS = [1, 2, 4, 8, 16, 32, 64, 128];
/** Longer than all tries take. On Workers, the end of a request cuts them off, and none is known to end. */
const LONGEST_MS = 400_000;

/** Gives uses back, after an outage if need be, and knows which ones are on their way. */
export function createGiveBack() {
  /** By the key of a use: how many are on their way back, and until when they may arrive. */
  const underWay = new Map<string, { uses: number; until: number }>();

  /** Whether a use is on its way back, so that a token without any left is not used up. */
  const isUnderWay = (key: string): boolean => (underWay.get(key)?.until ?? 0) > Date.now();

  /** Notes that a use is on its way back, until the function that it returns is called. */
  function begin(key: string): () => void {
    for (const other of underWay.keys()) {
      if (isUnderWay(other)) break;
      underWay.delete(other);
    }
    const entry = underWay.get(key) ?? { uses: 0, until: 0 };
    // The oldest come first.
    underWay.delete(key);
    underWay.set(key, entry);
    entry.uses++;
    entry.until = Date.now() + LONGEST_MS;
    return () => {
      entry.uses--;
      if (entry.uses === 0 && underWay.get(key) === entry) underWay.delete(key);
    };
  }

  return {
    isUnderWay,

    /** Rejects if the first call fails, and then goes on in the background: the handler may have failed with the store. */
    async giveBack<Answer>(key: string, send: () => Promise<Answer>): Promise<Answer> {
      const end = begin(key);
      try {
        const answer = await send();
        end();
        return answer;
      } catch (error) {
        void tryAgain(send).then(end);
        throw error;
      }
    },
  };
}

/** Sends a call again and again until it is answered, for some minutes. Keeps no process alive. */
async function tryAgain(send: () => Promise<unknown>): Promise<void> {
  for (const seconds of PAUSES_SECONDS) {
    await new Promise((resolve) => (setTimeout(resolve, seconds * 1000) as { unref?(): void }).unref?.());
    const isAnswered = await send().then(
      () => true,
      () => false,
    );
    if (isAnswered) return;
  }
}
