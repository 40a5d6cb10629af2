import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createGiveBack } from "../src/index.ts";

describe("createGiveBack", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** A store that fails a number of calls first. */
  const storeThatFails = (times: number) => vi.fn(async () => (times-- > 0 ? Promise.reject(new Error("down")) : "ok"));

  it("answers what the store answers, and the use is back then", async () => {
    const { giveBack, mayComeBack } = createGiveBack();
    const given = giveBack("pass", storeThatFails(0));
    expect([mayComeBack("pass"), mayComeBack("another")]).toEqual([true, false]);
    expect(await given).toBe("ok");
    expect(mayComeBack("pass")).toBe(false);
  });

  it("fails when the first call fails, and goes on in the background until one is answered", async () => {
    const { giveBack, mayComeBack } = createGiveBack();
    const send = storeThatFails(3);
    const setTimer = vi.spyOn(globalThis, "setTimeout");
    await expect(giveBack("pass", send)).rejects.toThrow("down");
    // It keeps no process alive.
    expect(setTimer.mock.results.map(({ value }) => value.hasRef())).toEqual([false]);
    await vi.advanceTimersByTimeAsync(6_999);
    expect([send.mock.calls.length, mayComeBack("pass")]).toEqual([3, true]);
    await vi.advanceTimersByTimeAsync(1);
    expect([send.mock.calls.length, mayComeBack("pass")]).toEqual([4, false]);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(send).toHaveBeenCalledTimes(4);
  });

  it("goes on where a client throws at once, too", async () => {
    const { giveBack, mayComeBack } = createGiveBack();
    let times = 2;
    const send = () => {
      if (times-- > 0) throw new Error("closed");
      return Promise.resolve("ok");
    };
    await expect(giveBack("pass", send)).rejects.toThrow("closed");
    expect(mayComeBack("pass")).toBe(true);
    await vi.advanceTimersByTimeAsync(3_000);
    expect([times, mayComeBack("pass")]).toEqual([-1, false]);
  });

  it("gives up after four minutes: the use is lost", async () => {
    const { giveBack, mayComeBack } = createGiveBack();
    await expect(giveBack("pass", storeThatFails(100))).rejects.toThrow("down");
    await vi.advanceTimersByTimeAsync(254_999);
    expect(mayComeBack("pass")).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    expect(mayComeBack("pass")).toBe(false);
  });

  it("does not wait for ever where a Worker has cut off the tries, whatever comes back later", async () => {
    const { giveBack, mayComeBack } = createGiveBack();
    await expect(giveBack("pass", storeThatFails(1))).rejects.toThrow("down");
    vi.clearAllTimers();
    vi.advanceTimersByTime(599_999);
    await giveBack("pass", storeThatFails(0));
    expect(mayComeBack("pass")).toBe(true);
    vi.advanceTimersByTime(1);
    expect(mayComeBack("pass")).toBe(false);
  });

  it("waits as long whatever the clock is set to", async () => {
    const { giveBack, mayComeBack } = createGiveBack();
    await expect(giveBack("pass", storeThatFails(1))).rejects.toThrow("down");
    vi.clearAllTimers();
    vi.setSystemTime(Date.now() + 3_600_000);
    expect(mayComeBack("pass")).toBe(true);
    vi.setSystemTime(Date.now() - 7_200_000);
    vi.advanceTimersByTime(600_000);
    expect(mayComeBack("pass")).toBe(false);
  });

  it("waits for each use of a pass, whatever others came back meanwhile", async () => {
    const { giveBack, mayComeBack } = createGiveBack();
    await expect(giveBack("pass", storeThatFails(1))).rejects.toThrow("down");
    await giveBack("pass", storeThatFails(0));
    expect(mayComeBack("pass")).toBe(true);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(mayComeBack("pass")).toBe(false);
  });
});
