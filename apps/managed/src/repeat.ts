import type { Settings } from "./settings.ts";

/**
 * Does something again and again, with a pause in between. An error is told once, until it works again or the error is
 * another. The answered function ends it, and waits for what is under way.
 */
export function repeat(act: () => Promise<unknown>, pauseMs: number, { onAlarm }: Settings): () => Promise<void> {
  let isStopped = false;
  let told: string | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let round: Promise<void>;

  async function run(): Promise<void> {
    try {
      await act();
      told = undefined;
    } catch (error) {
      const text = `Something failed, and is tried again: ${(error as Error).message}`;
      if (text !== told) onAlarm(text);
      told = text;
    }
    if (!isStopped) timer = setTimeout(next, pauseMs);
  }
  const next = () => {
    round = run();
  };
  next();

  return () => {
    isStopped = true;
    clearTimeout(timer);
    return round;
  };
}
