import { L402Error } from "@l402/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createDoubts } from "../src/index.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

describe("createDoubts", () => {
  it("doubts what was sent for two minutes", () => {
    const doubts = createDoubts();
    expect(doubts.has("a")).toBe(false);
    doubts.begin("a");
    expect([doubts.has("a"), doubts.has("b")]).toEqual([true, false]);
    vi.setSystemTime(Date.now() + 119_000);
    expect(doubts.has("a")).toBe(true);
    vi.setSystemTime(Date.now() + 2_000);
    expect(doubts.has("a")).toBe(false);
  });

  it("ends a doubt, and takes one back without ending an earlier one", () => {
    const doubts = createDoubts();
    doubts.begin("a");
    doubts.begin("a")();
    expect(doubts.has("a")).toBe(true);
    doubts.end("a");
    expect(doubts.has("a")).toBe(false);
    doubts.begin("a")();
    expect(doubts.has("a")).toBe(false);
  });

  it("remembers no more than a thousand", () => {
    const doubts = createDoubts();
    for (let i = 0; i <= 1_000; i++) doubts.begin(`${i}`);
    expect([doubts.has("0"), doubts.has("1"), doubts.has("1000")]).toEqual([false, true, true]);
  });

  it("ends with an answer, and with an error that is certain", async () => {
    const doubts = createDoubts();
    const failing = (fundsMoved: "no" | "maybe") => () =>
      Promise.reject(new L402Error("PROVIDER_TIMEOUT", "late", { fundsMoved }));
    expect(await doubts.during("a", async () => "answer")).toBe("answer");
    await expect(doubts.during("a", failing("no"))).rejects.toMatchObject({ message: "late" });
    expect(doubts.notFound("a")).toEqual({ status: "not-found" });
    await expect(doubts.during("a", failing("maybe"))).rejects.toMatchObject({ message: "late" });
    expect(doubts.notFound("a")).toMatchObject({ status: "unknown" });
    // The first one may still be on its way, whatever became of the second.
    await doubts.during("a", async () => {});
    expect(doubts.notFound("a")).toMatchObject({ status: "unknown" });
  });
});
