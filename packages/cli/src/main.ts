#!/usr/bin/env node
import { run } from "./run.ts";

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  stdout: (data) => void process.stdout.write(data),
  stderr: (text) => void process.stderr.write(text),
  colours: process.stderr.isTTY === true && !process.env.NO_COLOR,
  fetch,
  now: () => new Date(),
});
