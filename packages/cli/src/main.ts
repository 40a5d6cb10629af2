#!/usr/bin/env node
import { isBrokenPipe, writerOf } from "./io.ts";
import { run } from "./run.ts";
import { untilAborted } from "./until-aborted.ts";

// SECURITY: logs of vendors' clients are no part of the output, and may hold a secret (secrets.test.ts, "of what a
// wallet logs").
for (const method of ["debug", "error", "info", "log", "trace", "warn"] as const) console[method] = () => {};

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
// A reader such as `head` may close the pipe early, which is no error.
process.stdout.on("error", (error) => process.exit(isBrokenPipe(error) ? 0 : 1));
// SECURITY: a payment must not end in the middle because nobody reads its story (mcp-end.test.ts, "dies";
// exit-codes.test.ts, "whose stderr").
process.stderr.on("error", () => {});

const showsColours = ({ isTTY }: { isTTY: boolean }) => isTTY === true && !process.env.NO_COLOR;

const exitCode = await run(process.argv.slice(2), {
  env: process.env,
  stdin: () => untilAborted(process.stdin.toArray(), stop.signal).then((parts: Buffer[]) => Buffer.concat(parts)),
  stdout: writerOf(process.stdout),
  stderr: writerOf(process.stderr),
  isTerminal: process.stderr.isTTY === true,
  colours: { stdout: showsColours(process.stdout), stderr: showsColours(process.stderr) },
  signal: stop.signal,
});
// All output is written. Open connections would keep the process alive, so it exits here.
process.exit(exitCode);
