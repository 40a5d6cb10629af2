import { expect, it } from "vitest";
import { durationInWords, whenInWords } from "../src/words.ts";

it("says when and how long as people do", () => {
  const when = (seconds: number) => whenInWords(new Date(seconds * 1000), 0);
  expect([0, 0.4, -0.4, 1, -90, 7200, 87_000, 172_800].map(when)).toEqual([
    ...["just now", "just now", "just now", "in 1 s", "2 min ago", "in 2 h", "in 24 h", "in 2 days"],
  ]);
  expect([0.036, 1.24].map(durationInWords)).toEqual(["36 ms", "1.2 s"]);
});
