// Installs the dependencies of a folder, once per change of its lockfile.
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { pnpm } from "./pnpm.mjs";
import { root } from "./run.mjs";

const TO_STDERR = ["ignore", 2, 2];

export function install(directory, ...args) {
  if (isInstalled(directory)) return;
  console.error(`Installing the dependencies of ${relative(root, directory) || "the repository"} …`);
  // Without the last option, pnpm asks before it replaces what another version of it has installed.
  const quietly = ["--frozen-lockfile", "--prefer-offline", "--config.confirmModulesPurge=false"];
  pnpm(["install", ...quietly, ...args], { cwd: directory, stdio: TO_STDERR });
}

/** pnpm keeps a copy of the lockfile it installed; equal copies mean that there is nothing to do. */
function isInstalled(directory) {
  const installed = `${directory}/node_modules/.pnpm/lock.yaml`;
  return existsSync(installed) && readFileSync(installed).equals(readFileSync(`${directory}/pnpm-lock.yaml`));
}
