import { expect, it } from "vitest";
import { fakeClock } from "../src/index.ts";

it("stands still until it is moved", () => {
  const clock = fakeClock(new Date("2026-11-20T12:00:00Z"));
  expect(clock()).toEqual(new Date("2026-11-20T12:00:00Z"));
  clock.advanceSeconds(90);
  expect(clock()).toEqual(new Date("2026-11-20T12:01:30Z"));
  clock.advanceSeconds(0.5);
  expect(clock()).toEqual(new Date("2026-11-20T12:01:30.500Z"));
  clock.set(new Date("2020-01-01T00:00:00Z"));
  expect(clock()).toEqual(new Date("2020-01-01T00:00:00Z"));
});

it("gives out dates that nobody can change behind its back", () => {
  const start = new Date("2026-11-20T12:00:00Z");
  const clock = fakeClock(start);
  clock().setFullYear(1999);
  start.setFullYear(1999);
  expect(clock().getUTCFullYear()).toBe(2026);
});

it("starts at the same instant in every test", () => {
  expect(fakeClock()()).toEqual(fakeClock()());
});
