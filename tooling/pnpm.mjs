// Runs the pnpm version that package.json names, through npx, so that nobody has to install pnpm first.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const { version } = JSON.parse(readFileSync(`${root}/package.json`, "utf8")).devEngines.packageManager;

export function run(command, args, cwd = root, options = {}) {
  const result = spawnSync(command, args, { cwd, stdio: "inherit", ...options });
  if (result.status !== 0 && !options.tolerant) process.exit(result.status ?? 1);
  return result;
}

export const pnpm = (args, cwd = root, options = {}) =>
  run("npx", ["--yes", `pnpm@${version}`, ...args], cwd, {
    ...options,
    env: { ...process.env, npm_config_loglevel: "error", ...options.env },
  });
