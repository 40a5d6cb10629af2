import { createUsesComingBack } from "./uses-coming-back.ts";

/** Four minutes in all. `@l402/redis` takes nothing back that is nine minutes late. */
const PAUSES_SECONDS = [1, 2, 4, 8, 16, 32, 64, 128];

/** For use stores that can be out of reach: gives uses back, after an outage if need be. */
export function createGiveBack() {
  const comingBack = createUsesComingBack();

  return {
    /** True while a use with this key is on its way back: then a token without any left is not used up. */
    mayComeBack: comingBack.has,

    /**
     * Gives a use back with `send`. Rejects if that fails, and then goes on in the background: the handler may have
     * failed with the store. So `send` may run several times, and the store has to count it once.
     */
    async giveBack<Answer>(key: string, send: () => PromiseLike<Answer>): Promise<Answer> {
      // A client that is closed may throw at once.
      const sendOnce = async () => send();
      const answer = sendOnce();
      comingBack.add<unknown>(
        key,
        answer.catch(() => tryAgain(sendOnce)),
      );
      // Awaited, so that the use has come back before the caller goes on.
      return await answer;
    },
  };
}

/** Calls `send` again and again until it succeeds, for some minutes. Keeps no process alive. */
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
