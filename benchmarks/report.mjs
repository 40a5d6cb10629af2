// Writes docs/performance.md and a few lines of README.md from measured figures, and from nothing else.
import { readFileSync, writeFileSync } from "node:fs";
import { BENCHMARKS } from "./compile.mjs";
import { GOALS, verdictOf } from "./goals.mjs";
import { REASONS } from "./reasons.mjs";

/** How busy a core may be in the section on scale. */
const BUSY = 0.6;
/** A token is counted from its sale until it cannot be used anywhere: ten minutes to pay, an hour, ten minutes of grace. */
const COUNTED_SECONDS = 80 * 60;

export function writeReport({ machine, runs }) {
  writeFileSync(`${BENCHMARKS}../docs/performance.md`, page(machine, runs));
  const readme = `${BENCHMARKS}../README.md`;
  const between = /(<!-- measured -->\n)[\s\S]*(<!-- \/measured -->)/;
  writeFileSync(readme, readFileSync(readme, "utf8").replace(between, `$1${comparison(runs)}$2`));
}

/** A few lines for the README. */
function comparison(runs) {
  const times = (group, key) => Math.round(of(runs, group, "values", key));
  return `- **CPU time** ([performance](docs/performance.md)): on the same Hono, a paid request costs ${added(runs, "hono paid", "hono")} µs here, ${added(runs, "hono x402", "hono")} with x402
  (whose facilitator answers at once), and ${added(runs, "hono mppx", "hono")} with mppx.
  Binary macaroons are verified ${times("micro", "macaroon/npm")} times as fast as by the npm package, and invoices read ${times("micro", "bolt11/light")} times as fast as by
  light-bolt11-decoder.
`;
}

const short = (value) => String(Number(value.toPrecision(3)));
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const table = (head, rows) => [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

function page(machine, runs) {
  const rows = GOALS.map((goal) => {
    const values = runs
      .map(({ groups }) => groups[goal.group].values[goal.key]?.median)
      .filter((value) => value !== undefined);
    const value = values.length > 0 ? median(values) : undefined;
    return { ...goal, values, verdict: verdictOf(goal, value) };
  });
  const count = (...verdicts) => rows.filter(({ verdict }) => verdicts.includes(verdict)).length;
  return `# Performance

Written by \`npm run bench -- --write\`: ${runs.length} runs on ${machine.cores} × ${machine.cpu}, ${machine.memoryGb} GB, Node ${machine.node}.
Do not edit; change \`benchmarks/\`.

## What it costs

CPU time of one core for each request, without what the framework and the handler take:

${table(["", "Fastify", "Hono", "Express"], costs(runs))}

By hand is the same sale by code for this one route and price, which trusts that all input is well formed and answers a 402 with
one short challenge ([by-hand.mjs](../benchmarks/http/by-hand.mjs)): what nobody can leave out.

On the same Hono, mppx adds ${added(runs, "hono mppx", "hono")} µs to a paid request, and x402 ${added(runs, "hono x402", "hono")}. Counting a use in Redis takes ${short(of(runs, "redis", "absolute", "client CPU µs at 64"))} µs more.
A whole purchase, 402 → payment → 200, takes ${short(of(runs, "client", "values", GOALS.find(({ id }) => id === "G17").key))} ms over real Lightning in one process.

## Goals

What is measured is a ratio inside one run wherever that is possible: cases take turns, every round runs all of them, and the
median over the rounds counts. Times are CPU times, so that others on the machine disturb less. Every case first has to accept
what is valid and refuse what is forged. Of ${rows.length} goals, ${count("stretch")} are exceeded, ${count("yes")} reached, ${count("no")} not reached, ${count("not measured")} not measured.

${table(
  ["", "what", "goal (stretch)", ...runs.map((_, i) => `run ${i + 1}`), "reached"],
  rows.map(({ id, what, better, line, stretch, unit, values, verdict }) => [
    id,
    what,
    `${better === "more" ? "≥" : "≤"} ${line}${stretch === undefined ? "" : ` (${stretch})`} ${unit}`,
    ...runs.map((_, i) => (values[i] === undefined ? "–" : short(values[i]))),
    verdict,
  ]),
)}

## What is not reached, and why

${REASONS}

## In time

CPU time of one call in this process, median over the runs. It depends on the machine more than a ratio does.

${table(["what", "ns"], timesOf(runs, "micro", "nanos"))}

CPU time of a server per request, 64 connections.

${table(["what", "µs"], timesOf(runs, "http", "micros"))}

## Scale

${scale(runs)}

## Under load

[load-test.md](load-test.md) has ten minutes at saturation.
`;
}

const timesOf = (runs, group, field) =>
  Object.keys(runs[0].groups[group][field]).map((name) => [
    name,
    short(median(runs.map(({ groups }) => groups[group][field][name].median))),
  ]);

const of = (runs, group, field, name) =>
  median(runs.map(({ groups }) => groups[group][field]?.[name]?.median ?? Number.NaN));

const added = (runs, name, bare) => {
  const micros = of(runs, "http", "micros", name) - of(runs, "http", "micros", bare);
  return Number.isNaN(micros) ? "–" : short(micros);
};

const costs = (runs) => {
  const row = (what, kind) => [
    what,
    ...["fastify", "hono", "express"].map((name) => {
      const micros = added(runs, `${name} ${kind}`, name);
      return micros === "–" ? micros : `${micros} µs`;
    }),
  ];
  return [
    row("a paid request", "paid"),
    row("… written by hand", "paid, by hand"),
    row("a 402, from a provider that takes no time", "unpaid"),
    row("… written by hand", "unpaid, by hand"),
  ];
};

/** What to run for so many paid requests a second. */
function scale(runs) {
  const micros = of(runs, "http", "micros", "fastify paid");
  const redisMicros = of(runs, "redis", "absolute", "client CPU µs at 64");
  const redisPerSecond = of(runs, "redis", "absolute", "per second at 256");
  const heapBytes = of(runs, "memory", "values", "bytes per token");
  const redisBytes = of(runs, "redis", "values", "bytes per mark");
  const gb = (bytes) => `${short(bytes / 1e9)} GB`;
  const rows = [1_000, 10_000, 100_000].map((rate) => {
    const cores = Math.ceil((rate * (micros + redisMicros)) / 1e6 / BUSY);
    const tokens = rate * COUNTED_SECONDS;
    const nodes = Math.ceil(rate / (redisPerSecond * BUSY));
    return [
      rate.toLocaleString("en"),
      String(cores),
      `${short(tokens / 1e6)} million`,
      cores === 1 ? gb(tokens * heapBytes) : "–",
      `${nodes === 1 ? "one Redis" : `Redis Cluster, ${nodes} masters`}, ${gb(tokens * redisBytes)}`,
    ];
  });
  return `A paid request on Fastify takes ${short(micros)} µs of one core, with its handler; counting it in Redis ${short(redisMicros)} µs more. One Redis
counted ${short(redisPerSecond / 1000)} thousand uses a second here, at ${short(redisBytes)} bytes a token; the memory store takes ${short(heapBytes)}. A token that is good
for an hour is counted for ${COUNTED_SECONDS / 60} minutes. From these figures, with cores and Redis ${BUSY * 100} % busy and a token for every request
(passes with many uses need as many times less):

${table(["paid requests a second", "cores for Node", "tokens counted at once", "memory store", "or Redis"], rows)}

- **Up to what one process can do**, use \`createMemoryUseStore\`: nothing to run, nothing to wait for. It holds five million
  tokens unless \`maxTokens\` says otherwise.
- **Several processes** share \`@l402/redis\`. What grows with traffic is the number of processes, which know nothing of each
  other, and the memory of Redis.
- **Beyond one Redis**, give the store a cluster client. All keys of a token are on one node, and no call needs two.
- **Invoices** are the other limit: a challenge needs your Lightning backend, a paid request does not. The challenge limiter
  keeps their number below what a node can make; raise \`perMinute\` with the node, and sell passes instead of single uses.`;
}
