// Runs everything there is to run, as a developer would, and counts it. Writes "N passed, N failed" to a file.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { countChecks, countCommand, countTests, summaryOf } from "./ci-counts.mjs";
import { runAside, runTolerantly } from "./run.mjs";

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
// The release packs and inspects the packages as that check does, and uses them as well.
const exceptions = ["--except", "tests", "--except", "packages"];

// On all processors.
const tests = runTolerantly("npm", ["test", "--", ...reporters]);
// Each of these keeps one processor busy, so there are two lanes. Whatever writes into the checkout is in the second.
const [first, [checks, ...others]] = await Promise.all([
  runInTurn(["test:ledger"], ["test:newcomer"], ["test:runtimes"], ["test:lnd"]),
  runInTurn(
    ["check", "--", ...exceptions, "--report", `${reports}/checks.json`],
    ["release", "--", "--dry-run"],
    ["docs"],
    ["test:examples"],
  ),
]);
// Alone, because it measures.
const bench = runTolerantly("npm", ["run", "bench", "--", "--loose"]);

const counts = [
  countTests(read("tests.json"), tests),
  countChecks(read("checks.json"), checks),
  ...[...first, ...others, bench].map(countCommand),
];
const { text, ok } = summaryOf(counts);
writeFileSync(summaryFile, text);
process.exitCode = ok ? 0 : 1;

/** Answers the exit codes of all, also of those after one that failed. */
async function runInTurn(...commands) {
  const exitCodes = [];
  for (const command of commands) exitCodes.push(await runAside("npm", ["run", ...command]));
  return exitCodes;
}
