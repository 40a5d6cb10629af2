import { L402Error } from "@l402/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createDoubts } from "../src/create-doubts.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date", "performance"] }));
afterEach(() => void vi.useRealTimers());

describe("createDoubts", () => {
  it("doubts what was sent for two minutes", () => {
    const doubts = createDoubts();
    expect(doubts.has("a")).toBe(false);
    doubts.begin("a");
    expect([doubts.has("a"), doubts.has("b")]).toEqual([true, false]);
    vi.advanceTimersByTime(119_000);
    expect(doubts.has("a")).toBe(true);
    vi.advanceTimersByTime(2_000);
    expect(doubts.has("a")).toBe(false);
  });

  it("doubts what was sent for two minutes, whatever the clock is set to", () => {
    const doubts = createDoubts();
    doubts.begin("a");
    vi.setSystemTime(Date.now() + 3_600_000);
    expect(doubts.has("a")).toBe(true);
    vi.setSystemTime(Date.now() - 7_200_000);
    vi.advanceTimersByTime(121_000);
    expect(doubts.has("a")).toBe(false);
  });

  it("ends the doubt about one attempt, and no other one", () => {
    const doubts = createDoubts();
    const endFirst = doubts.begin("a");
    const endSecond = doubts.begin("a");
    endFirst();
    expect(doubts.has("a")).toBe(true);
    doubts.begin("b");
    endSecond();
    endSecond();
    expect([doubts.has("a"), doubts.has("b")]).toEqual([false, true]);
  });

  it("forgets no doubt because there are many, nor because there is a later attempt", () => {
    const doubts = createDoubts();
    doubts.begin("a");
    vi.advanceTimersByTime(119_000);
    doubts.begin("a")();
    for (let i = 0; i <= 5_000; i++) doubts.begin(`${i}`);
    expect([doubts.has("a"), doubts.has("0"), doubts.has("5000")]).toEqual([true, true, true]);
    vi.advanceTimersByTime(2_000);
    doubts.begin("b");
    expect([doubts.has("a"), doubts.has("0"), doubts.has("b")]).toEqual([false, true, true]);
  });

  it("ends with an answer that says so, and with an error that is certain", async () => {
    const doubts = createDoubts();
    const failing = (fundsMoved: "no" | "maybe") => () =>
      Promise.reject(new L402Error("PROVIDER_TIMEOUT", "late", { fundsMoved }));
    const answer = { isOver: true };
    expect(await doubts.during("a", async () => answer)).toBe(answer);
    await expect(doubts.during("a", failing("no"))).rejects.toMatchObject({ message: "late" });
    expect(doubts.has("a")).toBe(false);
    await expect(doubts.during("a", failing("maybe"))).rejects.toMatchObject({ message: "late" });
    expect(doubts.has("a")).toBe(true);
    // The first one may still be on its way, whatever became of the second.
    await doubts.during("a", async () => answer);
    expect(doubts.has("a")).toBe(true);
    await doubts.during("b", async () => ({ isOver: false }));
    expect(doubts.has("b")).toBe(true);
  });

  it("takes neither failed nor not-found for the outcome of what may only be late", () => {
    const doubts = createDoubts();
    const none = { status: "not-found" } as const;
    const failed = { status: "failed", reason: "no route" } as const;
    const paid = { status: "paid", preimage: "07", feeMsat: 0 } as const;
    const weighed = () => [none, failed, paid].map((found) => doubts.weigh("a", found));
    expect(weighed()).toEqual([none, failed, paid]);
    doubts.begin("a");
    const unknown = { status: "unknown", reason: expect.stringContaining("may still execute") };
    expect(weighed()).toEqual([unknown, unknown, paid]);
    expect(doubts.weigh("b", failed)).toBe(failed);
    vi.advanceTimersByTime(121_000);
    expect(weighed()).toEqual([none, failed, paid]);
  });
});
