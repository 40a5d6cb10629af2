import type { Clock } from "@l402/core";

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /** Moves the time forward. */
  advanceSeconds(seconds: number): void;
  /** Moves the time to an instant, forward or back. */
  set(instant: Date): void;
}

/**
 * Creates a clock for any `clock` option. It moves no timers. By default it starts at the current time, in whole
 * seconds, so that parts of an app without this clock still agree with it.
 */
export function fakeClock(start = new Date(Math.floor(Date.now() / 1000) * 1000)): FakeClock {
  let now = start.getTime();
  const clock = () => new Date(now);
  return Object.assign(clock, {
    advanceSeconds(seconds: number) {
      // Rounded, because a fraction of a millisecond would make Dates that compare as different but print the same.
      now += Math.round(seconds * 1000);
    },
    set(instant: Date) {
      now = instant.getTime();
    },
  });
}
