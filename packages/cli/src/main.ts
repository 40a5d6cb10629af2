#!/usr/bin/env node
import { EXIT } from "./exit-codes.ts";
import { writerOf } from "./io.ts";
import { run } from "./run.ts";
import { untilAborted } from "./until-aborted.ts";

// SECURITY: logs of vendors' clients are no part of the output, and may hold a secret (secrets.test.ts, "of what a
// wallet logs").
for (const method of ["debug", "error", "info", "log", "trace", "warn"] as const) console[method] = () => {};

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
// Whoever writes learns of it.
process.stdout.on("error", () => {});
// SECURITY: a payment must not end in the middle because nobody reads its story (mcp-end.test.ts, "dies";
// exit-codes.test.ts, "whose stderr").
process.stderr.on("error", () => {});
// SECURITY: an error that a wallet's library leaves to nobody must not end a payment in the middle, and may hold a
// secret. Waiting for a wallet ends in time anyway (secrets.test.ts, "leaves to nobody").
for (const event of ["unhandledRejection", "uncaughtException"]) process.on(event, () => {});

const isTerminal = { stdout: process.stdout.isTTY === true, stderr: process.stderr.isTTY === true };
const allowsColours = !process.env.NO_COLOR;

// SECURITY: with that, an error of `run` would end it with exit code 0 (secrets.test.ts, "does not pass for success").
const exitCode = await run(process.argv.slice(2), {
  env: process.env,
  stdin: () => untilAborted(process.stdin.toArray(), stop.signal).then((parts: Buffer[]) => Buffer.concat(parts)),
  stdout: writerOf(process.stdout),
  stderr: (text) => writerOf(process.stderr)(text).catch(() => {}),
  isTerminal,
  colours: { stdout: allowsColours && isTerminal.stdout, stderr: allowsColours && isTerminal.stderr },
  signal: stop.signal,
}).catch(() => EXIT.bug);
// All output is written. Open connections would keep the process alive, so it exits here.
process.exit(exitCode);
