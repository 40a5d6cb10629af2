// The pnpm that package.json names, through npx, so that nobody has to install pnpm first.
import { readFileSync } from "node:fs";
import { root, run } from "./run.mjs";

const { version } = JSON.parse(readFileSync(`${root}/package.json`, "utf8")).devEngines.packageManager;

export const pnpm = (args, options = {}) =>
  run("npx", ["--yes", `pnpm@${version}`, ...args], {
    ...options,
    env: { npm_config_loglevel: "error", ...options.env },
  });

/** For a message that tells somebody what to type. */
export const pnpmCommand = (args) => `npx pnpm@${version} ${args}`;
