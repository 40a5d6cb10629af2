// Runs the tests, the checks, the other runtimes and the examples as a newcomer would, and counts them. Writes
// "N passed, N failed" to a file.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { countChecks, countCommand, countTests, summaryOf } from "./ci-counts.mjs";
import { runTolerantly } from "./run.mjs";

const [summaryFile] = process.argv.slice(2);
const reports = mkdtempSync(`${tmpdir()}/l402-ci-`);
process.on("exit", () => rmSync(reports, { recursive: true, force: true }));
const read = (name) => {
  try {
    return JSON.parse(readFileSync(`${reports}/${name}`, "utf8"));
  } catch {
    // There is none when the run broke off. It counts as a failure then.
    return undefined;
  }
};

const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reports}/tests.json`];
const tests = runTolerantly("npm", ["test", "--", ...reporters]);
const checks = runTolerantly("npm", ["run", "check", "--", "--except", "tests", "--report", `${reports}/checks.json`]);
const others = ["test:runtimes", "test:examples"].map((name) => runTolerantly("npm", ["run", name]));

const counts = [
  countTests(read("tests.json"), tests),
  countChecks(read("checks.json"), checks),
  ...others.map(countCommand),
];
const { text, ok } = summaryOf(counts);
writeFileSync(summaryFile, text);
process.exitCode = ok ? 0 : 1;
