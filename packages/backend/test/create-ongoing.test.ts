import { describe, expect, it } from "vitest";
import { createOngoing } from "../src/create-ongoing.ts";

describe("createOngoing", () => {
  it("shares what is under way, by its key, and runs again afterwards", async () => {
    const once = createOngoing<number>();
    let runs = 0;
    const run = async () => ++runs;
    expect(await Promise.all([once("a", run), once("a", run), once("b", run)])).toEqual([1, 1, 2]);
    expect(await once("a", run)).toBe(3);
  });

  it("shares an error, and forgets it", async () => {
    const once = createOngoing<string>();
    const fail = async () => Promise.reject(new Error("down"));
    const both = await Promise.allSettled([once("a", fail), once("a", async () => "not run")]);
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await once("a", async () => "up")).toBe("up");
  });
});
