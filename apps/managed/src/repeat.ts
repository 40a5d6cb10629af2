import type { Settings } from "./settings.ts";

const LONG_ROUND_MINUTES = 5;

interface Repeated {
  /** For the operator, such as "sending payouts". */
  what: string;
  act: () => Promise<unknown>;
  pauseMs: number;
}

/**
 * Does something again and again, with a pause in between. An error is told once, until it works again or the error is
 * another; a round that takes too long is told as well. The answered function ends it, and waits for what is under way.
 */
export function repeat({ what, act, pauseMs }: Repeated, { onAlarm }: Settings): () => Promise<void> {
  let isStopped = false;
  let told: string | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let round: Promise<void>;

  async function run(): Promise<void> {
    const tellLong = () =>
      onAlarm(`The service has been ${what} for ${LONG_ROUND_MINUTES} minutes, and has not come to an end.`);
    const long = setTimeout(tellLong, LONG_ROUND_MINUTES * 60_000);
    try {
      await act();
      told = undefined;
    } catch (error) {
      const text = `Something failed, and is tried again: ${(error as Error).message}`;
      if (text !== told) onAlarm(text);
      told = text;
    } finally {
      clearTimeout(long);
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
