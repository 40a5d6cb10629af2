// Runs other programs, from the root of the repository.
import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

/**
 * Runs a program and answers what it printed, if it was not shown. A failure ends this program, with the other's exit
 * code. `quiet` shows the output only then, and `advice` says what to do.
 */
export function run(command, args, { cwd = root, env = {}, quiet = false, stdio = "inherit", advice } = {}) {
  const result = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: quiet ? ["ignore", "pipe", "pipe"] : stdio,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (result.status === 0) return result.stdout;
  if (result.error) console.error(`${command}: ${result.error.message}`);
  if (quiet) console.error(`${result.stdout}${result.stderr}`.trim());
  if (advice) console.error(advice);
  process.exit(result.status || 1);
}

/** Runs a program whose failure is not the end; answers its exit code, or null if it did not come to one. */
export const runTolerantly = (command, args) => spawnSync(command, args, { cwd: root, stdio: "inherit" }).status;

/** The same while others run. What it prints is shown at its end, in one piece. */
export async function runAside(command, args) {
  const name = [command, ...args].join(" ");
  console.log(`▸ ${name}`);
  const started = performance.now();
  const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => output.push(chunk));
  const exitCode = await new Promise((resolve) => {
    child.once("error", ({ message }) => {
      output.push(Buffer.from(`${message}\n`));
      resolve(null);
    });
    child.once("close", resolve);
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${Buffer.concat(output)}${exitCode === 0 ? "✓" : "✗"} ${name} ${seconds} s`);
  return exitCode;
}

/** Ends the program with one clear message. */
export function fail(message, exitCode = 1) {
  console.error(message);
  process.exit(exitCode);
}
