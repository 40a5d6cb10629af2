// Measures everything and compares it with the goals. How to call it: tooling/bench.mjs.
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { fail } from "../tooling/run.mjs";
import { BENCHMARKS, compile } from "./compile.mjs";
import { GOALS, isKept, verdictOf } from "./goals.mjs";
import { machine } from "./machine.mjs";
import { readOptions } from "./read-options.mjs";
import { writeReport } from "./report.mjs";

/** Those that import packages are compiled with them. */
const GROUPS = { micro: true, http: false, redis: true, memory: false, size: false, client: true };
const RESULTS = `${BENCHMARKS}results.json`;

const USAGE = `Usage: npm run bench -- [--only <group>,…] [--loose] [--json] [--write]. Groups: ${Object.keys(GROUPS).join(", ")}.`;

const options = readOptions(
  {
    only: { type: "string", multiple: true, default: [] },
    json: { type: "boolean", default: false },
    loose: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
  USAGE,
);
const only = options.only.flatMap((names) => names.split(","));
const unknown = only.find((name) => !Object.hasOwn(GROUPS, name));
if (unknown !== undefined) fail(`There is no group "${unknown}". ${USAGE}`, 2);
if (options.write && only.length > 0) fail(`--write measures all groups. ${USAGE}`, 2);
const chosen = Object.keys(GROUPS).filter((name) => only.length === 0 || only.includes(name));

const all = [];
for (let i = 0; i < (options.write ? 3 : 1); i++) all.push(await runAll());
const rows = rowsOf(all.at(-1).groups);
const isMissed = (row) => (options.loose ? !row.kept : row.verdict === "no");
const missed = rows.filter(isMissed);
if (options.json) console.log(JSON.stringify(all.length === 1 ? all[0] : all));
else {
  console.log(tableOf(rows));
  const what = options.loose ? "are no worse than they have to be" : "lines hold";
  console.log(`${rows.length - missed.length} of ${rows.length} ${what}.`);
  for (const { id, what, value } of options.loose ? missed : []) console.log(`Worse: ${id} ${what}: ${value.median}`);
}
if (options.write) {
  writeFileSync(RESULTS, `${JSON.stringify({ machine: machine(), runs: all }, undefined, 1)}\n`);
  writeReport(JSON.parse(readFileSync(RESULTS, "utf8")));
}
process.exitCode = missed.length > 0 && !options.write ? 1 : 0;

async function runAll() {
  const groups = {};
  for (const name of chosen) {
    const started = performance.now();
    groups[name] = await runGroup(name);
    // Once more, for a machine that was busy with something else just then.
    if (options.loose && rowsOf(groups).some(({ group, kept }) => group === name && !kept))
      groups[name] = bestOf(groups[name], await runGroup(name));
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    console.error(`${name}: ${seconds} s${(groups[name].notes ?? []).map((note) => ` ${note}`).join("")}`);
  }
  return { groups };
}

async function runGroup(name) {
  const file = GROUPS[name] ? await compile(`groups/${name}`) : `${BENCHMARKS}groups/${name}.mjs`;
  const child = fork(`${BENCHMARKS}run-group.mjs`, [file], {
    stdio: ["ignore", 2, 2, "ipc"],
    execArgv: ["--expose-gc"],
  });
  const [result] = await Promise.race([
    once(child, "message"),
    once(child, "exit").then(([code]) => Promise.reject(new Error(`The group ${name} ended with ${code}.`))),
  ]);
  return result;
}

/** Of two runs of a group, the better value of each goal. */
function bestOf(one, other) {
  const values = { ...one.values };
  for (const { key, better } of GOALS) {
    const [a, b] = [one.values[key], other.values[key]];
    if (a && b) values[key] = (better === "more") === a.median > b.median ? a : b;
  }
  return { ...one, values };
}

function rowsOf(groups) {
  return GOALS.filter(({ group }) => group in groups).map((goal) => {
    const value = groups[goal.group].values[goal.key];
    return { ...goal, value, verdict: verdictOf(goal, value?.median), kept: isKept(goal, value?.median) };
  });
}

function tableOf(rows) {
  const cells = rows.map(({ id, what, better, line, stretch, unit, value, verdict }) => [
    id,
    what,
    `${better === "more" ? "≥" : "≤"} ${line}${stretch === undefined ? "" : ` (${stretch})`}`,
    value ? `${short(value.median)} ${unit}` : "–",
    value && value.min !== value.max ? `${short(value.min)}–${short(value.max)}` : "",
    verdict,
  ]);
  const head = ["", "what", "goal (stretch)", "measured", "least–most", "reached"];
  const widths = head.map((_, i) => Math.max(...[head, ...cells].map((row) => row[i].length)));
  return [head, ...cells]
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function short(value) {
  return String(Number(value.toPrecision(3)));
}
