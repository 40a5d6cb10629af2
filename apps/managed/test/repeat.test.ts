import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { repeat } from "../src/repeat.ts";
import type { Settings } from "../src/settings.ts";

const MINUTE_MS = 60_000;
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("a round that does not come to an end is told once, and so is an error", async () => {
  const alarms: string[] = [];
  const settings = { onAlarm: (text: string) => alarms.push(text) } as unknown as Settings;
  let finish = () => {};
  const rounds = [
    () => new Promise<void>((resolve) => (finish = resolve)),
    () => Promise.reject(new Error("It is down.")),
    () => Promise.reject(new Error("It is down.")),
    async () => {},
  ];
  const stop = repeat(
    { what: "sending payouts", act: () => (rounds.shift() ?? (async () => {}))(), pauseMs: 1_000 },
    settings,
  );
  await vi.advanceTimersByTimeAsync(4 * MINUTE_MS);
  expect(alarms).toEqual([]);
  await vi.advanceTimersByTimeAsync(20 * MINUTE_MS);
  expect(alarms).toEqual(["The service has been sending payouts for 5 minutes, and has not come to an end."]);
  finish();
  await vi.advanceTimersByTimeAsync(20 * MINUTE_MS);
  expect(alarms.slice(1)).toEqual(["Something failed, and is tried again: It is down."]);
  await stop();
  expect(vi.getTimerCount()).toBe(0);
});
