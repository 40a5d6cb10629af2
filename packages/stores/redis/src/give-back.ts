/** Four minutes in all, because Redis takes nothing back that is nine minutes late (use-scripts.ts). */
const PAUSES_SECONDS = [1, 2, 4, 8, 16, 32, 64, 128];

/** Gives uses back, after an outage if need be, and knows which ones are on their way. */
export function createGiveBack() {
  /** By the key of a use: how many are on their way back. */
  const underWay = new Map<string, number>();

  function count(key: string, by: 1 | -1): void {
    const uses = (underWay.get(key) ?? 0) + by;
    if (uses > 0) underWay.set(key, uses);
    else underWay.delete(key);
  }

  return {
    /** Whether a use is on its way back, so that a token without any left is not used up. */
    isUnderWay: (key: string): boolean => underWay.has(key),

    /** Rejects if the first call fails, and then goes on in the background: the handler may have failed with the store. */
    async giveBack<Answer>(key: string, send: () => Promise<Answer>): Promise<Answer> {
      count(key, 1);
      try {
        const answer = await send();
        count(key, -1);
        return answer;
      } catch (error) {
        void tryAgain(send).then(() => count(key, -1));
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
