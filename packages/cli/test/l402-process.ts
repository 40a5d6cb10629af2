import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, cpSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

export const root = fileURLToPath(new URL("../../..", import.meta.url));
export const dir = mkdtempSync(`${tmpdir()}/l402-cli-`);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

// Built once for a file of tests, as the published command is: it starts in a fifth of the time.
const require = createRequire(import.meta.url);
const esbuild = createRequire(require.resolve("tsup"))("esbuild");
export const main = `${dir}/dist/main.mjs`;
cpSync(`${root}/packages/cli/package.json`, `${dir}/package.json`);
await esbuild.build({
  entryPoints: [`${root}/packages/cli/src/main.ts`],
  outfile: main,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  conditions: ["@l402/source"],
  external: ["@getalby/sdk", "ws", "@l402/regtest"],
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
});

const SOURCE = ["--conditions=@l402/source", "--import", "tsx", "packages/cli/src/main.ts"];

let states = 0;
/** Where a run remembers what it bought; one of its own, unless a test gives the same to several. */
export const newState = () => `${dir}/state-${states++}/client.json`;

export interface RunOptions {
  /** Not from the build. */
  fromSource?: boolean;
  env?: Record<string, string>;
  stdin?: string;
  /** A file that is stdout, as with `>`. */
  stdoutTo?: string;
  onStart?(kill: (signal: NodeJS.Signals) => void): unknown;
  /** Nobody reads stdout. */
  closesStdout?: boolean;
  /** Stderr loses its reader when it says this. */
  closesStderr?: RegExp;
  /** What to do when stderr says something. */
  when?: [says: RegExp, act: (kill: (signal: NodeJS.Signals) => void) => unknown];
}

/** Runs the command as its users do, and nothing of this process's own environment leaks into it. */
export async function l402(
  args: readonly string[],
  { env = {}, stdin, stdoutTo, fromSource = false, onStart, closesStdout, closesStderr, when }: RunOptions = {},
) {
  const { PATH = "" } = process.env;
  const own = { PATH, HOME: dir, L402_STATE: newState(), ...env };
  const file = stdoutTo === undefined ? undefined : openSync(stdoutTo, "w");
  const child = spawn(process.execPath, [...(fromSource ? SOURCE : [main]), ...args], {
    cwd: root,
    env: own,
    stdio: ["pipe", file ?? "pipe", "pipe"],
  });
  if (file !== undefined) closeSync(file);
  const kill = (signal: NodeJS.Signals) => void child.kill(signal);
  onStart?.(kill);
  if (closesStdout) child.stdout?.destroy();
  child.stdin?.end(stdin);
  const out: Buffer[] = [];
  let stderr = "";
  let acted = false;
  child.stdout?.on("data", (chunk) => out.push(chunk));
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
    if (closesStderr?.test(stderr)) child.stderr?.destroy();
    if (!when || acted || !when[0].test(stderr)) return;
    acted = true;
    when[1](kill);
  });
  const [code] = (await once(child, "close")) as [number | null];
  const bytes = Buffer.concat(out);
  const stdout = bytes.toString();
  return { code, stdout, stderr, bytes, all: stdout + stderr, json: () => JSON.parse(stdout) };
}
