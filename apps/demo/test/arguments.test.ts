import { expect, it } from "vitest";
import { readArguments } from "../src/arguments.ts";

it("does the tour and goes on by default", () => {
  expect(readArguments([])).toEqual({ once: false, json: false, port: 4020, provider: undefined });
});

it("shows the usage when asked, and that is no mistake", () => {
  expect(readArguments(["--help"])).toMatchObject({ exitCode: 0, text: expect.stringContaining("--once") });
});
