// How many tests and checks passed and failed. Whatever ended badly counts as at least one failure.

/** From the JSON report of vitest; there is none where the run broke off. */
export function countTests(report, exitCode) {
  if (!report) return broken();
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = report;
  // A file that cannot be loaded has no tests to fail.
  const files = testResults.filter(({ status, assertionResults }) => {
    return status === "failed" && !assertionResults.some((test) => test.status === "failed");
  });
  const counts = {
    passed: numPassedTests,
    failed: numFailedTests + files.length,
    skipped: numPendingTests + numTodoTests,
  };
  return exitCode === 0 || counts.failed > 0 ? counts : { ...counts, failed: 1 };
}

/** From the report of tooling/check.mjs. */
export function countChecks(results, exitCode) {
  if (!results) return broken();
  const count = (state) => results.filter((result) => result.state === state).length;
  const counts = { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
  return exitCode === 0 || counts.failed > 0 ? counts : { ...counts, failed: 1 };
}

/** The exit code of a command that lacks a program which nobody has to have; it has said so. */
export const NOT_RUN = 77;

/** From the exit code of a command that either passes or does not. */
export const countCommand = (exitCode) => ({
  passed: exitCode === 0 ? 1 : 0,
  failed: exitCode === 0 || exitCode === NOT_RUN ? 0 : 1,
  skipped: exitCode === NOT_RUN ? 1 : 0,
});

/** One line for all. */
export function summaryOf(counts) {
  const sum = (state) => counts.reduce((total, each) => total + each[state], 0);
  const skipped = sum("skipped") > 0 ? `, ${sum("skipped")} skipped` : "";
  return { text: `${sum("passed")} passed, ${sum("failed")} failed${skipped}\n`, ok: sum("failed") === 0 };
}

const broken = () => ({ passed: 0, failed: 1, skipped: 0 });
