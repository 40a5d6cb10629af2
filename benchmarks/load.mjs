// Every adapter at saturation: 70 % paid requests, 20 % unpaid ones, 10 % junk. npm run bench:load -- --minutes 10
import { writeFileSync } from "node:fs";
import { BENCHMARKS, compile } from "./compile.mjs";
import { forge } from "./forge.mjs";
import { requestText, sendRequests } from "./http/send-requests.mjs";
import { startServer } from "./http/start-server.mjs";
import { machine } from "./machine.mjs";
import { readOptions } from "./read-options.mjs";

const FRAMEWORKS = ["express", "fastify", "hono"];
const CONNECTIONS = 16;
const MINUTE_MS = 60_000;
/** What each kind of request has to be answered with. */
const EXPECTED = { paid: 200, unpaid: 402, junk: 401 };

const CLEAN = `No answer that is not meant, memory at the end within 4 MB of the second minute, p99 at most twice that of the second,
and no timer or socket left.`;

const options = readOptions(
  { minutes: { type: "string", default: "10" }, write: { type: "boolean", default: false } },
  "Usage: npm run bench:load -- [--minutes <number>] [--write]",
);
const minutes = Math.max(1, Math.round(Number(options.minutes)) || 10);
const file = await compile("http/server");
const servers = await Promise.all(FRAMEWORKS.map((framework) => startServer(file, framework, "l402")));
const results = await Promise.all(servers.map(load));
const text = results.map(describe).join("\n\n");
const problems = results.flatMap((result) => result.problems);
console.log(`${text}\n\n${problems.length === 0 ? "Nothing that is not meant." : problems.join("\n")}`);
if (options.write) writeFileSync(`${BENCHMARKS}../docs/load-test.md`, page());
for (const server of servers) server.end();
process.exitCode = problems.length === 0 ? 0 : 1;

async function load(server) {
  const next = createMix(server.headers);
  await sendRequests({ port: server.port, connections: CONNECTIONS, next, isOver: (sent) => sent > 5000 });
  const rows = [];
  for (let minute = 1; minute <= minutes; minute++) {
    const until = performance.now() + MINUTE_MS;
    const { statuses, latencies, errors, sent } = await sendRequests({
      port: server.port,
      connections: CONNECTIONS,
      next,
      isOver: () => performance.now() >= until,
      keepLatencies: true,
    });
    latencies.sort((a, b) => a - b);
    const at = (share) => latencies[Math.floor(latencies.length * share)];
    // Closed sockets are let go in the next turn.
    await new Promise((resolve) => setTimeout(resolve, 200));
    rows.push({ minute, statuses, errors, sent, p50: at(0.5), p99: at(0.99), ...(await server.usage(true)) });
  }
  return { name: server.name.replace(" l402", ""), rows, problems: problemsOf(server.name, rows) };
}

function createMix(headers) {
  const paid = headers.map((header) => requestText(header));
  const unpaid = requestText(undefined);
  const junk = [
    requestText(forge(headers[0])),
    requestText(`L402 ${"A".repeat(300)}:${"0".repeat(64)}`),
    requestText("L402 !!!"),
    requestText(`${headers[1].slice(0, -64)}${headers[2].slice(-64)}`),
    requestText(`L402 ${"A".repeat(6000)}:x`),
  ];
  return (i) => {
    const digit = i % 10;
    if (digit < 7) return { kind: "paid", text: paid[i % paid.length] };
    if (digit < 9) return { kind: "unpaid", text: unpaid };
    return { kind: "junk", text: junk[Math.floor(i / 10) % junk.length] };
  };
}

function problemsOf(name, rows) {
  const problems = [];
  for (const { minute, statuses, errors } of rows) {
    if (errors > 0) problems.push(`${name}: ${errors} connections broke in minute ${minute}.`);
    for (const [key, count] of Object.entries(statuses)) {
      const [kind, status] = key.split(" ");
      if (EXPECTED[kind] !== Number(status)) problems.push(`${name}: ${count} × ${key} in minute ${minute}.`);
    }
  }
  // The first minute warms up.
  const [, second] = rows;
  const last = rows.at(-1);
  if (second && last !== second) {
    if (last.heapMb > second.heapMb + 4)
      problems.push(`${name}: memory grew from ${second.heapMb} to ${last.heapMb} MB.`);
    if (last.p99 > 2 * second.p99) problems.push(`${name}: p99 grew from ${second.p99} to ${last.p99} ms.`);
  }
  if (last.timers > 1) problems.push(`${name}: ${last.timers} timers are left.`);
  if (last.sockets > 0) problems.push(`${name}: ${last.sockets} sockets are left.`);
  return problems;
}

function describe({ name, rows }) {
  const head = [
    "minute",
    "requests",
    "200",
    "402",
    "401",
    "other",
    "p50 ms",
    "p99 ms",
    "heap MB",
    "RSS MB",
    "timers",
    "sockets",
  ];
  const cells = rows.map(({ minute, statuses, sent, p50, p99, heapMb, rssMb, timers, sockets }) => {
    const count = (status) => statuses[status] ?? 0;
    const known = count("paid 200") + count("unpaid 402") + count("junk 401");
    return [
      ...[minute, sent, count("paid 200"), count("unpaid 402"), count("junk 401"), sent - known],
      ...[p50.toFixed(2), p99.toFixed(2), heapMb.toFixed(1), rssMb.toFixed(0), timers, sockets],
    ].map(String);
  });
  const lines = [head, head.map(() => "--:"), ...cells].map((row) => `| ${row.join(" | ")} |`);
  return `### ${name[0].toUpperCase()}${name.slice(1)}\n\n${lines.join("\n")}`;
}

function page() {
  const { cpu, cores, memoryGb, node } = machine();
  return `# Under load

Written by \`npm run bench:load -- --minutes ${minutes} --write\`. Every adapter at saturation at the same time, ${CONNECTIONS}
connections each: 70 % paid requests, 20 % without a credential (an invoice and a token are made for each), 10 % junk (forged
and malformed credentials, another payment's preimage). Memory is measured after garbage collection, timers and sockets when
the connections of that minute are closed. Servers and clients share ${cores} cores (${cpu}, ${memoryGb} GB, Node ${node}), so
times say little about a machine of yours.

${text}

${problems.length === 0 ? CLEAN : problems.join("\n")}
`;
}
