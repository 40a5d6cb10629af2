import type { Clock } from "@l402/core";
import { fakeClock } from "../fake-clock.ts";

/** Time for a kit's cases. A case moves a fake clock by hand. If a backend keeps its own time, the case waits. */
export interface KitTime {
  readonly isFake: boolean;
  readonly clock: Clock;
  inSeconds(seconds: number): Date;
  pass(seconds: number): Promise<void>;
}

export function kitTime(kind: "fake" | "real" = "fake"): KitTime {
  const fake = fakeClock(new Date());
  const clock: Clock = kind === "fake" ? fake : () => new Date();
  return {
    isFake: kind === "fake",
    clock,
    inSeconds: (seconds) => new Date(clock().getTime() + seconds * 1000),
    pass: async (seconds) => (kind === "fake" ? fake.advanceSeconds(seconds) : pause(seconds)),
  };
}

/** Waits in real time: only this shows the work of a timer or another process. */
export const pause = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
