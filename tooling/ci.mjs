// Runs everything there is to run, as a developer would, and counts it. Writes "N passed, N failed" to a file.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { countChecks, countCommand, countTests, summaryOf } from "./ci-counts.mjs";
import { runTolerantly, startAside } from "./run.mjs";

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
// The release packs and inspects the packages as that check does, and uses them as well.
const exceptions = ["--except", "tests", "--except", "packages"];
const checks = runTolerantly("npm", ["run", "check", "--", ...exceptions, "--report", `${reports}/checks.json`]);
// Alone, because it measures.
const bench = runTolerantly("npm", ["run", "bench", "--", "--loose"]);
// Takes as long as all that follows together, on a processor of its own.
const ledger = startAside("npm", ["run", "test:ledger"], `${reports}/ledger.log`);
const COMMANDS = [["test:runtimes"], ["test:examples"], ["test:newcomer"], ["docs"], ["release", "--", "--dry-run"]];
const others = COMMANDS.map((command) => runTolerantly("npm", ["run", ...command]));
others.push(bench, await ledger);
console.log(readFileSync(`${reports}/ledger.log`, "utf8"));

const counts = [
  countTests(read("tests.json"), tests),
  countChecks(read("checks.json"), checks),
  ...others.map(countCommand),
];
const { text, ok } = summaryOf(counts);
writeFileSync(summaryFile, text);
process.exitCode = ok ? 0 : 1;
