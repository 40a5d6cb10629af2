import { expect, it } from "vitest";
import { countChecks, countCommand, countTests, NOT_RUN, summaryOf } from "../ci-counts.mjs";

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((each) => ({ status: each })),
});
const report = (changes: object = {}) => ({
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 1,
  numTodoTests: 1,
  testResults: [file("passed", "passed", "passed", "passed", "skipped", "todo")],
  ...changes,
});

it("counts what vitest counted", () => {
  expect(countTests(report(), 0)).toEqual({ passed: 3, failed: 0, skipped: 2 });
  const testResults = [file("failed", "passed", "failed", "failed")];
  expect(countTests(report({ numFailedTests: 2, testResults }), 1)).toMatchObject({ passed: 3, failed: 2 });
});

it("counts a file that cannot be loaded, or whose tests passed before it failed, as a failure", () => {
  expect(countTests(report({ testResults: [file("failed"), file("failed", "passed")] }), 1)).toMatchObject({
    failed: 2,
  });
});

it("never calls a run clean that ended badly or left no report", () => {
  expect(countTests(report(), 1)).toMatchObject({ passed: 3, failed: 1 });
  expect(countTests(undefined, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  expect(countChecks(undefined, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  expect(countChecks([{ state: "passed" }], null)).toMatchObject({ passed: 1, failed: 1 });
});

it("counts the checks, also those that never ran", () => {
  const results = ["passed", "passed", "failed", "skipped"].map((state) => ({ state }));
  expect(countChecks(results, 1)).toEqual({ passed: 2, failed: 1, skipped: 1 });
});

it("sums up in one line", () => {
  const clean = { passed: 3, failed: 0, skipped: 0 };
  expect(summaryOf([clean, clean])).toEqual({ text: "6 passed, 0 failed\n", ok: true });
  expect(summaryOf([clean, { passed: 1, failed: 2, skipped: 4 }])).toEqual({
    text: "4 passed, 2 failed, 4 skipped\n",
    ok: false,
  });
});

it("counts a command as one, passed or failed, or not run", () => {
  expect(countCommand(NOT_RUN)).toEqual({ passed: 0, failed: 0, skipped: 1 });
  expect(countCommand(0)).toEqual({ passed: 1, failed: 0, skipped: 0 });
  for (const exitCode of [1, 2, null]) expect(countCommand(exitCode)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});
