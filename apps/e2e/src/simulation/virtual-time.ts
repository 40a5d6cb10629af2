import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";

/** How far the clock is ahead on the computer whose program runs. */
const aheadMsHere = new AsyncLocalStorage<() => number>();

/**
 * Replaces the timers and clocks of this process by ones that jump from one timer to the next, so that hours pass in
 * milliseconds, and in the same order each time.
 */
export function startVirtualTime(begin: number, random: () => number) {
  const real = { setTimeout, clearTimeout, Date, performanceNow: performance.now, random: Math.random };
  const timers = new Map<number, { at: number; run: () => void }>();
  let now = begin;
  let count = 0;
  const shown = () => now + (aheadMsHere.getStore()?.() ?? 0);
  const fakes = {
    setTimeout(run: (...given: unknown[]) => void, ms = 0, ...given: unknown[]) {
      timers.set(++count, { at: now + Math.max(0, ms), run: AsyncResource.bind(() => run(...given)) });
      return count;
    },
    clearTimeout: (id: number) => void timers.delete(id),
    Date: new Proxy(real.Date, {
      construct: (target, given) => Reflect.construct(target, given.length > 0 ? given : [shown()]),
      get: (target, name) => (name === "now" ? shown : Reflect.get(target, name)),
    }),
  };
  Object.assign(globalThis, fakes);
  performance.now = () => now - begin;
  Math.random = random;

  /** Lets all go on that waits for no timer. */
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

  return {
    now: () => now,
    /** Runs a program on a computer whose clock is ahead. */
    on: <Result>(aheadMs: () => number, run: () => Result): Result => aheadMsHere.run(aheadMs, run),
    /** Runs timers until `isOver`, or until `until`. */
    async run(until: number, isOver: () => boolean = () => false): Promise<void> {
      for (;;) {
        await turn();
        await turn();
        if (isOver()) return;
        const [id, timer] = [...timers].reduce<[number, { at: number; run: () => void }?]>(
          (first, each) => (first[1] && first[1].at <= each[1].at ? first : each),
          [0],
        );
        if (!timer || timer.at > until) break;
        timers.delete(id);
        now = Math.max(now, timer.at);
        timer.run();
      }
      now = Math.max(now, until);
    },
    stop() {
      Object.assign(globalThis, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout, Date: real.Date });
      performance.now = real.performanceNow;
      Math.random = real.random;
    },
  };
}

export type VirtualTime = ReturnType<typeof startVirtualTime>;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
/** What a process that has died waits for. */
export const never = (): Promise<never> => new Promise(() => {});
