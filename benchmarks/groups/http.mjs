// What a paywall adds to a request: the server's CPU time, which neighbours disturb less than the time on the clock.
import { compile } from "../compile.mjs";
import { forge } from "../forge.mjs";
import { requestText, sendRequests } from "../http/send-requests.mjs";
import { startServer } from "../http/start-server.mjs";
import { difference, mustHold, ratio, spread, spreads } from "../rounds.mjs";

const ROUNDS = 5;
const SLICE_MS = 500;
const CONNECTIONS = 64;

/**
 * Each case is a server, what it is asked, and how it has to answer. A bare server gets the same requests, since it has to read
 * their headers too.
 */
const CASES = [
  { name: "fastify", framework: "fastify", variant: "bare", pays: true, status: 200 },
  { name: "fastify, no header", framework: "fastify", variant: "bare", status: 200 },
  { name: "fastify paid", framework: "fastify", variant: "l402", pays: true, status: 200 },
  { name: "fastify unpaid", framework: "fastify", variant: "l402", status: 402 },
  { name: "fastify paid, by hand", framework: "fastify", variant: "by hand", pays: true, status: 200 },
  { name: "fastify unpaid, by hand", framework: "fastify", variant: "by hand", status: 402 },
  { name: "hono", framework: "hono", variant: "bare", pays: true, status: 200 },
  { name: "hono, no header", framework: "hono", variant: "bare", status: 200 },
  { name: "hono paid", framework: "hono", variant: "l402", pays: true, status: 200 },
  { name: "hono unpaid", framework: "hono", variant: "l402", status: 402 },
  { name: "hono paid, by hand", framework: "hono", variant: "by hand", pays: true, status: 200 },
  { name: "express", framework: "express", variant: "bare", pays: true, status: 200 },
  { name: "express paid", framework: "express", variant: "l402", pays: true, status: 200 },
  { name: "hono mppx", framework: "hono", variant: "mppx", pays: true, status: 200 },
  { name: "hono x402", framework: "hono", variant: "x402", pays: true, status: 200, in: "Payment-Signature" },
];

export async function measureGroup() {
  const file = await compile("http/server");
  const names = new Set(CASES.map(({ framework, variant }) => `${framework} ${variant}`));
  const starting = [...names].map((name) => startServer(file, ...name.split(/ (.*)/, 2)));
  const servers = new Map((await Promise.all(starting)).map((server) => [server.name, server]));
  const serverOf = ({ framework, variant }) => servers.get(`${framework} ${variant}`);
  try {
    for (const name of ["fastify", "hono"].flatMap((on) => [`${on} l402`, `${on} by hand`])) {
      await checkForged(servers.get(name));
    }
    for (const each of CASES) await slice(each, serverOf(each), 300);
    const micros = Object.fromEntries(CASES.map(({ name }) => [name, []]));
    for (let round = 0; round < ROUNDS; round++) {
      for (let i = 0; i < CASES.length; i++) {
        const each = CASES[(i + round) % CASES.length];
        micros[each.name].push(await slice(each, serverOf(each), SLICE_MS));
      }
    }
    const added = difference(micros["hono paid"], micros.hono).median;
    const addedBy = (name) => spread(micros[name].map((value, round) => (value - micros.hono[round]) / added));
    return {
      values: {
        "paid/fastify": ratio(micros.fastify, micros["fastify paid"]),
        "paid/hono": ratio(micros.hono, micros["hono paid"]),
        "paid/express": ratio(micros.express, micros["express paid"]),
        "unpaid/fastify": ratio(micros["fastify, no header"], micros["fastify unpaid"]),
        "unpaid/hono": ratio(micros["hono, no header"], micros["hono unpaid"]),
        "added/mppx": addedBy("hono mppx"),
        "added/x402": addedBy("hono x402"),
      },
      micros: spreads(micros),
    };
  } finally {
    for (const server of servers.values()) server.end();
  }
}

/** CPU microseconds that the server took per request. */
async function slice({ name, pays, status, in: headerName }, server, ms) {
  const { headers } = server;
  // What others call a credential may be one that is good for every request.
  const texts = pays ? headers.map((header) => requestText(header, headerName)) : [requestText(undefined)];
  const until = performance.now() + ms;
  const before = await server.usage();
  const { statuses, errors, sent } = await sendRequests({
    port: server.port,
    connections: CONNECTIONS,
    next: (i) => ({ text: texts[i % texts.length], kind: "" }),
    isOver: () => performance.now() >= until,
    stayAwake: true,
  });
  const after = await server.usage();
  const others = Object.keys(statuses).filter((each) => each !== ` ${status}`);
  mustHold(others.length === 0 && errors === 0, `${name} answers ${others.join(",")} instead of ${status}`);
  return (after.cpuMicros - before.cpuMicros) / sent;
}

async function checkForged({ port, headers }) {
  const response = await fetch(`http://127.0.0.1:${port}/goods`, { headers: { authorization: forge(headers[0]) } });
  mustHold(response.status === 401, "a forged credential is accepted");
}
