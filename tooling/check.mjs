// Everything that has to hold before a change is merged, step by step:
//   npm run check                     all steps
//   npm run check -- lint types       only these
//   npm run check -- --except tests   all but these
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { fail, root } from "./run.mjs";

const STEPS = ["lockfile", "lint", "types", "unused", "workflows", "tests", "docs", "packages", "size"];
const USAGE = `Usage: npm run check -- [--except <check>] [<check> …]. Checks: ${STEPS.join(", ")}.`;

const { steps, report } = readArguments();
const results = steps.map((name) => ({ name, state: "skipped" }));
for (const result of results) {
  console.log(`▸ ${result.name}`);
  const started = performance.now();
  const { status } = spawnSync(process.execPath, [`tooling/check-steps/${result.name}-step.mjs`], {
    cwd: root,
    stdio: "inherit",
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  result.state = status === 0 ? "passed" : "failed";
  console.log(`${status === 0 ? "✓" : "✗"} ${result.name} ${seconds} s`);
  if (status !== 0) break;
}

if (report) writeFileSync(report, JSON.stringify(results));

const failed = results.find(({ state }) => state === "failed");
if (failed) fail(`The check "${failed.name}" failed. Alone: npm run check -- ${failed.name}`);
console.log(steps.length === 1 ? "The check passed." : `All ${steps.length} checks passed.`);

function readArguments() {
  const { values, positionals: chosen } = parseOrFail();
  const unknown = [...chosen, ...values.except].find((name) => !STEPS.includes(name));
  if (unknown !== undefined) fail(`There is no check "${unknown}". ${USAGE}`, 2);
  const steps = STEPS.filter((name) => chosen.length === 0 || chosen.includes(name));
  return { steps: steps.filter((name) => !values.except.includes(name)), report: values.report };
}

function parseOrFail() {
  const except = { type: "string", multiple: true, default: [] };
  // Where to write what passed and what failed, for tooling/ci.mjs.
  const report = { type: "string" };
  try {
    return parseArgs({ allowPositionals: true, options: { except, report } });
  } catch {
    return fail(USAGE, 2);
  }
}
