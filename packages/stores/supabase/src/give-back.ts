/** Four minutes in all. */
const PAUSES_SECONDS = [1, 2, 4, 8, 16, 32, 64, 128];
/** Longer than all tries take. On Workers, the end of a request cuts them off, and none is known to end. */
const LONGEST_MS = 400_000;

/** Gives uses back, after an outage if need be, and knows which ones are on their way. */
export function createGiveBack() {
  /** By the key of a use: until when it may come back. */
  const underWay = new Map<string, number>();

  /** Whether a use is on its way back, so that a token without any left is not used up. */
  const isUnderWay = (key: string): boolean => (underWay.get(key) ?? 0) > Date.now();

  return {
    isUnderWay,

    /** Rejects if the first call fails, and then goes on in the background: the handler may have failed with the store. */
    async giveBack<Answer>(key: string, send: () => Promise<Answer>): Promise<Answer> {
      for (const other of underWay.keys()) {
        if (isUnderWay(other)) break;
        underWay.delete(other);
      }
      const until = Date.now() + LONGEST_MS;
      underWay.set(key, until);
      const end = () => void (underWay.get(key) === until && underWay.delete(key));
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
