/** Four minutes in all. */
const PAUSES_SECONDS = [1, 2, 4, 8, 16, 32, 64, 128];

/** Sends a call again and again until it is answered, for some minutes. Keeps no process alive. */
export async function tryAgain(send: () => Promise<unknown>): Promise<void> {
  for (const seconds of PAUSES_SECONDS) {
    await new Promise((resolve) => (setTimeout(resolve, seconds * 1000) as { unref?(): void }).unref?.());
    const isAnswered = await send().then(
      () => true,
      () => false,
    );
    if (isAnswered) return;
  }
}
