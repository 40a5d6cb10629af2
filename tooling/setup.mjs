// Installs what the checkout needs, once per change of the lockfile. Needs Node and npm, nothing else.
import { existsSync, readFileSync } from "node:fs";
import { pnpm, root } from "./pnpm.mjs";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`L402 needs Node 20.19 or newer; this is Node ${process.versions.node}.`);
  process.exit(1);
}

/** pnpm keeps a copy of the lockfile it installed; equal copies mean that there is nothing to do. */
export function install(directory, ...args) {
  const wanted = readFileSync(`${directory}/pnpm-lock.yaml`, "utf8");
  const installed = `${directory}/node_modules/.pnpm/lock.yaml`;
  if (existsSync(installed) && readFileSync(installed, "utf8") === wanted) return;
  pnpm(["install", "--frozen-lockfile", "--prefer-offline", "--reporter=append-only", ...args], directory);
}

install(root);
