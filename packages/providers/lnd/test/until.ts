import { setTimeout as pause } from "node:timers/promises";

/** Asks until the answer is yes: there are no events of what other programs do. */
export async function until(what: string, isSo: () => Promise<unknown>, patienceSeconds = 60): Promise<void> {
  const end = performance.now() + patienceSeconds * 1000;
  let reason: unknown;
  while (performance.now() < end) {
    try {
      if (await isSo()) return;
    } catch (error) {
      reason = error;
    }
    await pause(50);
  }
  throw new Error(`Waited ${patienceSeconds} s in vain: ${what}.`, { cause: reason });
}
