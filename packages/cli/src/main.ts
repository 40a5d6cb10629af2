#!/usr/bin/env node
import { isBrokenPipe, writerOf } from "./io.ts";
import { run } from "./run.ts";

// SECURITY: what vendors' clients log is nobody's answer, and may hold a secret (secrets.test.ts, "of what a wallet logs").
for (const method of ["debug", "error", "info", "log", "trace", "warn"] as const) console[method] = () => {};

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
// Whoever reads has seen enough, as `head` does.
process.stdout.on("error", (error) => process.exit(isBrokenPipe(error) ? 0 : 1));

const showsColours = ({ isTTY }: { isTTY: boolean }) => isTTY === true && !process.env.NO_COLOR;

const exitCode = await run(process.argv.slice(2), {
  env: process.env,
  stdin: () => process.stdin.toArray().then((parts: Buffer[]) => Buffer.concat(parts)),
  stdout: writerOf(process.stdout),
  stderr: writerOf(process.stderr),
  isTerminal: process.stderr.isTTY === true,
  colours: { stdout: showsColours(process.stdout), stderr: showsColours(process.stderr) },
  signal: stop.signal,
});
// Everything is written by now, and no connection that is kept open should keep anybody waiting.
process.exit(exitCode);
